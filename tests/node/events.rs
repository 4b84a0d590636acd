//! Events as wholes: made, filled from an event folder, read back as one, replaced, deleted.

use std::path::{Path, PathBuf};
use std::process::Command;

use reqwest::Method;
use serde_json::json;

use crate::harness::{Answer, Caller, Node};

/// A sample event's folder.
pub(crate) fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../data/events/{name}"))
}

/// A sample event, with the regional folder beside it that three of them name, as a tar.
pub(crate) fn sample_tar(name: &str) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    tar.append_dir_all(format!("data/events/{name}"), sample(name))
        .expect("a folder");
    tar.append_dir_all("data/regional-2024", sample("../regional-2024"))
        .expect("a folder");
    tar.into_inner().expect("a tar")
}

/// Makes the sample event on the node.
pub(crate) fn bring(caller: &Caller, name: &str) -> Answer {
    let path = format!("/api/v1/events/{name}/folder");
    let tar = Some(("application/x-tar", sample_tar(name)));
    caller.send(Method::PUT, &path, &[("If-None-Match", "*")], tar)
}

/// The digest of the problem that the command line makes of a folder.
fn digest(folder: &Path) -> String {
    let desk = tempfile::tempdir().expect("a desk");
    let problem = desk.path().join("problem.json");
    let status = Command::new(env!("CARGO_BIN_EXE_meridian"))
        .args(["plan", "--effort", "1", "--time-limit", "0.001"])
        .arg(folder)
        .arg("--out")
        .arg(desk.path().join("plan.json"))
        .arg("--problem-out")
        .arg(&problem)
        .output()
        .expect("it runs");
    let bytes = std::fs::read(problem)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&status.stderr)));
    let problem = meridian_formats::problem::read(&bytes, "problem.json").expect("a problem");
    problem.digest().expect("a digest")
}

#[test]
fn every_sample_event_comes_in_and_goes_out_as_the_problem_it_is() {
    let node = Node::start();
    let admin = node.admin();
    for name in [
        "first-relay",
        "relay-2024",
        "relay-2024-sep",
        "relay-2024-tight",
        "midnight-dst-eu",
        "midnight-dst-us",
    ] {
        let came = bring(&admin, name);
        let whole = came.is(201).json();
        let own = digest(&sample(name));
        assert_eq!(whole["problem"], own, "{name}");
        let out = admin.get(&format!("/api/v1/events/{name}/folder"));
        assert_eq!(out.is(200).header("etag"), came.header("etag"));
        let desk = tempfile::tempdir().expect("a desk");
        zip::ZipArchive::new(std::io::Cursor::new(&out.body))
            .and_then(|mut zip| zip.extract(desk.path()))
            .expect("a zip");
        assert_eq!(digest(desk.path()), own, "{name}");
        // The zip that went out comes in again in the place of what is there.
        let path = format!("/api/v1/events/{name}/folder");
        let again = admin.send(
            Method::PUT,
            &path,
            &[("If-Match", out.header("etag"))],
            Some(("application/zip", out.body.clone())),
        );
        assert_eq!(again.is(200).json()["problem"], own, "{name}");
    }
    let listed = admin.get("/api/v1/events?limit=4").is(200).json();
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(4));
    assert_eq!(listed["next"], "relay-2024");
    let rest = admin.get("/api/v1/events?limit=4&after=relay-2024");
    assert_eq!(rest.is(200).json()["items"][0]["id"], "relay-2024-sep");
}

#[test]
fn a_folder_replaces_only_the_generation_that_was_read() {
    let node = Node::start();
    let admin = node.admin();
    let came = bring(&admin, "first-relay");
    bring(&admin, "first-relay").refuses(409, "present");
    let path = "/api/v1/events/first-relay";
    let group = admin.get(&format!("{path}/groups/kyoto")).is(200).json();
    let mut changed = group.clone();
    for key in ["id", "version", "changed_at"] {
        changed.as_object_mut().expect("an object").remove(key);
    }
    changed["size"] = json!(77);
    let version = group["version"].as_i64().expect("a version");
    admin
        .change(&format!("{path}/groups/kyoto"), version, &changed)
        .is(200);
    let stale = admin.send(
        Method::PUT,
        &format!("{path}/folder"),
        &[("If-Match", came.header("etag"))],
        Some(("application/x-tar", sample_tar("first-relay"))),
    );
    stale.refuses(412, "stale");
    let kept = admin.get(&format!("{path}/groups/kyoto")).is(200).json();
    assert_eq!(kept["size"], 77);
}

#[test]
fn everything_wrong_with_a_folder_is_told_by_file_and_line_and_nothing_is_kept() {
    let node = Node::start();
    let admin = node.admin();
    let mut tar = tar::Builder::new(Vec::new());
    let text = std::fs::read_to_string(sample("first-relay").join("operators.csv"));
    let text = text.expect("a file").replacen(",kyoto,", ",nowhere,", 1);
    tar.append_path_with_name(sample("first-relay").join("event.toml"), "x/event.toml")
        .expect("a file");
    tar.append_path_with_name(sample("first-relay").join("groups.toml"), "x/groups.toml")
        .expect("a file");
    let mut header = tar::Header::new_gnu();
    header.set_size(u64::try_from(text.len()).expect("small"));
    tar.append_data(&mut header, "x/operators.csv", text.as_bytes())
        .expect("a file");
    let refused = admin.send(
        Method::PUT,
        "/api/v1/events/first-relay/folder",
        &[("If-None-Match", "*")],
        Some(("application/x-tar", tar.into_inner().expect("a tar"))),
    );
    let problem = refused.refuses(422, "invalid");
    let told = problem["problems"].as_array().expect("problems");
    assert!(
        told.iter().any(|one| one["code"] == "F018"
            && one["place"]
                .as_str()
                .is_some_and(|place| place.starts_with("operators.csv, line "))),
        "{problem}"
    );
    admin
        .get("/api/v1/events/first-relay")
        .refuses(404, "missing");
}

#[test]
fn archives_that_are_none_or_never_end_are_refused() {
    let node = Node::start();
    let admin = node.admin();
    let put = |media: &str, bytes: Vec<u8>| {
        admin.send(
            Method::PUT,
            "/api/v1/events/x/folder",
            &[("If-None-Match", "*")],
            Some((media, bytes)),
        )
    };
    put("application/zip", b"PK nonsense".to_vec()).refuses(400, "malformed");
    put("application/x-tar", vec![0; 10_240]).refuses(400, "malformed");
    put("text/plain", Vec::new()).refuses(415, "wrong-type");
    put("application/zip", vec![0; 9 * 1024 * 1024]).refuses(413, "too-large");
    let mut bomb = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    bomb.start_file("event.toml", zip::write::SimpleFileOptions::default())
        .expect("a file");
    for _ in 0..64 {
        std::io::Write::write_all(&mut bomb, &vec![b' '; 1024 * 1024]).expect("it is written");
    }
    let bomb = bomb.finish().expect("a zip").into_inner();
    assert!(bomb.len() < 1024 * 1024);
    put("application/zip", bomb).refuses(413, "too-large");
}

#[test]
fn an_event_is_made_empty_filled_and_deleted() {
    let node = Node::start();
    let admin = node.admin();
    let made = admin.post("/api/v1/events", &json!({ "id": "first-relay" }));
    assert_eq!(
        made.is(201).header("location"),
        "/api/v1/events/first-relay"
    );
    admin
        .post("/api/v1/events", &json!({ "id": "first-relay" }))
        .refuses(409, "present");
    admin
        .post("/api/v1/events", &json!({ "id": "No Name" }))
        .refuses(422, "invalid");
    let empty = admin.get("/api/v1/events/first-relay/check");
    empty.refuses(422, "invalid");
    bring(&admin, "first-relay").is(200);
    let whole = admin.get("/api/v1/events/first-relay/check").is(200).json();
    assert_eq!(whole["problem"], digest(&sample("first-relay")));
    admin
        .delete("/api/v1/events/first-relay", 2)
        .refuses(412, "stale");
    admin.delete("/api/v1/events/first-relay", 1).is(204);
    admin
        .get("/api/v1/events/first-relay")
        .refuses(404, "missing");
}
