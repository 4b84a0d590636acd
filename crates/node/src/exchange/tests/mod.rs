//! Several nodes in one process, over real HTTP on loopback, each with its own database.

mod doubts;
mod figures;
mod floods;
mod heavy;
mod jobs;
mod kept;
mod nodes;
mod retention;
mod strangers;
