//! Several nodes in one process, over real HTTP on loopback, each with its own database.

mod floods;
mod kept;
mod nodes;
mod strangers;
