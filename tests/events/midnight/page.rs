//! The HTML page: its pictures by their machine-readable boxes, its tables by their text.

use meridian_formats::export::{Audience, html};
use meridian_model::{Span, ZoneName};

use super::wall::read_range;
use super::{NIGHTS, Night, Told, ZONES, on_duty, sorted, zone};

fn page(night: &Night, zone: &ZoneName) -> String {
    let (problem, plan, report) = (&night.problem, &night.plan, &night.report);
    html::page(problem, plan, report, &ZONES, Audience::Crew, zone).unwrap()
}

/// The rest of the text after `from`, up to `to`.
fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let rest = text.split_once(from);
    let rest = rest.unwrap_or_else(|| panic!("no {from} in {text}")).1;
    rest.split_once(to)
        .unwrap_or_else(|| panic!("no {to} after {from}"))
        .0
}

fn instants(text: &str, start: &str, end: &str) -> Span {
    let at = |name: &str| between(text, &format!("{name}=\""), "\"").parse().unwrap();
    Span::new(at(start), at(end)).unwrap()
}

/// The text without tags and entities.
fn plain(html: &str) -> String {
    let mut out = String::new();
    for part in html.split('<') {
        out.push_str(part.split_once('>').map_or(part, |(_tag, text)| text));
    }
    let entities = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&#39;", "'"),
        ("&quot;", "\""),
        ("&#34;", "\""),
    ];
    for (entity, character) in entities {
        out = out.replace(entity, character);
    }
    out.replace("&amp;", "&").replace("&#38;", "&")
}

#[test]
fn each_picture_has_one_box_for_each_item_with_its_instants() {
    for night in &*NIGHTS {
        for zone_name in night.zones() {
            let page = page(night, &zone_name);
            let zone = zone(zone_name.as_str());
            let pictures = page.split("role=\"group\" aria-label=\"").skip(1);
            let pictures: Vec<&str> = pictures.collect();
            assert_eq!(
                pictures.len(),
                4,
                "the day and the programme, wide and narrow"
            );
            for picture in pictures {
                let picture = picture.split("</section>").next().unwrap();
                let kinds = ["block", "session", "shift", "cover", "handover"];
                let mut found = Vec::new();
                for drawn in picture.split("<g class=").skip(1) {
                    let Some(kind) = kinds
                        .iter()
                        .find(|k| drawn.contains(&format!("data-kind=\"{k}\"")))
                    else {
                        continue;
                    };
                    let span = instants(drawn, "data-start", "data-end");
                    let tip = plain(between(drawn, "<title>", "</title>"));
                    assert_eq!(
                        read_range(tip.lines().last().unwrap(), &zone),
                        span,
                        "{tip}"
                    );
                    found.push((
                        format!("{kind} {}", between(drawn, "data-id=\"", "\"")),
                        span,
                    ));
                }
                let agenda = picture.starts_with("Programme by track");
                assert_eq!(sorted(found), boxes(night, agenda), "in {zone_name}");
            }
        }
    }
}

/// What is drawn: in the programme blocks and sessions, at a glance also shifts by duty and by person.
fn boxes(night: &Night, agenda: bool) -> Vec<Told> {
    let mut wanted = Vec::new();
    for (kind, id, span) in night.items() {
        if kind != "shift" || !agenda {
            wanted.push((format!("{kind} {id}"), span));
        }
    }
    for shift in night.plan.shifts.iter().filter(|_| !agenda) {
        wanted.push((format!("cover {}", shift.id), shift.span));
        if let Ok(before) = Span::new(on_duty(shift).start(), shift.span.start()) {
            wanted.push((format!("handover {}", shift.id), before));
        }
    }
    sorted(wanted)
}

/// The rows of a table: the instants behind the time, and the text of every cell.
fn rows(html: &str) -> Vec<(Span, Vec<String>)> {
    let rows = html.split("<tr role=\"row\"").skip(1);
    let rows = rows.filter(|row| row.contains("<time "));
    let read = |row: &str| {
        let row = row.split("</tr>").next().unwrap();
        assert_eq!(row.matches("<time ").count(), 1, "{row}");
        let cells = row.split("</t").filter(|cell| cell.contains("role="));
        let cells = cells.map(|cell| plain(&format!("<{cell}")));
        (instants(row, "datetime", "data-end"), cells.collect())
    };
    rows.map(read).collect()
}

fn section<'a>(page: &'a str, id: &str) -> &'a str {
    between(page, &format!("<section id=\"{id}\""), "</section>")
}

#[test]
fn each_table_of_the_page_tells_every_item_once_on_its_weekday() {
    for night in &*NIGHTS {
        for zone_name in night.zones() {
            let page = page(night, &zone_name);
            let zone_read = zone(zone_name.as_str());
            let told = |html: &str, what: &dyn Fn(&[String]) -> String, when: usize| {
                let mut told = Vec::new();
                for (span, cells) in rows(html) {
                    assert_eq!(read_range(&cells[when], &zone_read), span, "{cells:?}");
                    told.push((what(&cells), span));
                }
                sorted(told)
            };
            let plan = &night.plan;
            let sessions = plan.sessions.iter();
            let sessions = sessions.map(|s| (night.session(s).title.clone(), s.span));
            let found = told(section(&page, "sessions"), &|c| c[3].clone(), 0);
            assert_eq!(found, sorted(sessions.collect()), "in {zone_name}");

            let hosts = plan.blocks.iter();
            let hosts = hosts.map(|b| (night.group(&b.group).to_owned(), b.span));
            let found = told(section(&page, "hosts"), &|c| c[2].clone(), 0);
            assert_eq!(found, sorted(hosts.collect()), "in {zone_name}");

            let shifts = plan.shifts.iter();
            let shifts = shifts.map(|s| (format!("{}: {}", night.duty(s), s.operator), s.span));
            let shifts = sorted(shifts.collect());
            let mut found = Vec::new();
            for card in section(&page, "duties").split("class=\"card\"").skip(1) {
                let duty = plain(&format!("<{}</h3>", between(card, "<h3", "</h3>")));
                found.extend(told(card, &|c| format!("{duty}: {}", c[1]), 0));
            }
            assert_eq!(sorted(found), shifts, "in {zone_name}");

            let people = section(&page, "people");
            let found = told(people, &|c| format!("{}: {}", c[2], c[0]), 3);
            assert_eq!(found, shifts, "in {zone_name}");
            for (span, cells) in rows(people) {
                let mut shifts = plan.shifts.iter();
                let shift = shifts.find(|s| s.operator.as_str() == cells[0]).unwrap();
                let own_zone = &night.operator(shift).zone;
                let own = cells[4].strip_suffix(&own_zone.as_str().replace('_', " "));
                let own = own.unwrap_or_else(|| panic!("not in {own_zone}: {cells:?}"));
                assert_eq!(read_range(own.trim(), &zone(own_zone.as_str())), span);
            }
        }
    }
}
