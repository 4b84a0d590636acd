//! Plans as people see them: pages, calendars, terminal, CSV, Markdown.

#[cfg(test)]
mod dense;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod tables;
