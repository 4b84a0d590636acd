//! Several nodes in one process, over real HTTP on loopback, each with its own database.

mod doubts;
mod floods;
mod jobs;
mod kept;
mod nodes;
mod strangers;
