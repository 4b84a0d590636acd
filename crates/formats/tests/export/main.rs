//! Plans as people see them: pages, calendars, terminal, CSV, Markdown.

#[cfg(test)]
mod call_for_help;
#[cfg(test)]
mod dense;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod tables;
