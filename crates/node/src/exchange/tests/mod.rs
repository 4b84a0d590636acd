//! Several nodes in one process, over real HTTP on loopback, each with its own database.

mod figures;
mod floods;
mod heavy;
mod kept;
mod nodes;
mod retention;
mod strangers;
