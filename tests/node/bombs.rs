//! What unpacks to far more than was sent: refused at every door, and the node's memory stays what it was.

use std::process::Command;

use reqwest::Method;

use crate::events::bring;
use crate::harness::{Answer, Caller, Node};

/// What each archive would unpack to.
const MIB: usize = 256;
/// How much more memory a node may have needed at its worst; one archive may hold 32 MiB, and two are unpacked at once.
const MORE_KIB: u64 = 160 * 1024;

/// The most memory that a process ever had resident.
fn peak_kib(node: &Node) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", node.pid()));
    let status = status.expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number.and_then(|n| n.parse().ok()).expect("a number")
}

/// So many MiB of nothing, packed.
fn gzip(mib: usize) -> Vec<u8> {
    let packed = Command::new("sh")
        .args(["-c", &format!("head -c {mib}M /dev/zero | gzip -n")])
        .output()
        .expect("it runs");
    assert!(packed.status.success() && packed.stdout.len() < 1024 * 1024);
    packed.stdout
}

/// A zip of one file with what a gzip holds: the same packed bytes in another box.
/// Source: PKWARE, APPNOTE 6.3, 4.3.
fn zip(gzip: &[u8], said: u32) -> Vec<u8> {
    let (head, tail) = (10, gzip.len() - 8);
    let packed = gzip.get(head..tail).expect("longer than its head");
    let check = gzip.get(tail..tail + 4).expect("a checksum");
    let name = b"event.toml";
    let length = |n: usize| u32::try_from(n).expect("short").to_le_bytes();
    let mut facts = vec![20, 0, 0, 0, 8, 0, 0, 0, 0, 0];
    facts.extend(check);
    facts.extend(length(packed.len()));
    facts.extend(said.to_le_bytes());
    facts.extend([10, 0, 0, 0]);
    let mut file = b"PK\x03\x04".to_vec();
    file.extend(&facts);
    file.extend(name);
    file.extend(packed);
    let directory = file.len();
    file.extend(b"PK\x01\x02\x14\x00");
    file.extend(&facts);
    file.extend([0; 14]);
    file.extend(name);
    let size = file.len() - directory;
    file.extend(b"PK\x05\x06\x00\x00\x00\x00\x01\x00\x01\x00");
    file.extend(length(size));
    file.extend(length(directory));
    file.extend([0; 2]);
    file
}

fn put(caller: &Caller, path: &str, headers: &[(&str, &str)], media: &str, body: &[u8]) -> Answer {
    let mut all = vec![("If-None-Match", "*")];
    all.extend(headers);
    let body = Some((media, body.to_vec()));
    caller.send(Method::PUT, &format!("/api/v1/events/{path}"), &all, body)
}

#[test]
fn no_bomb_goes_off_in_an_archive_whatever_it_says_of_its_size() {
    let node = Node::start();
    let admin = node.admin();
    bring(&admin, "first-relay").is(201);
    let gzip = gzip(MIB);
    let before = peak_kib(&node);
    let folder = |bomb: &[u8]| put(&admin, "x/folder", &[], "application/zip", bomb);
    std::thread::scope(|scope| {
        for said in [256, 256, 256, 256, 1, 1, 1, 1] {
            let bomb = zip(&gzip, said * 1024 * 1024);
            scope.spawn(move || {
                let answer = folder(&bomb);
                // One that lies of its size is found out before it is too large.
                match said {
                    1 => answer.refuses(400, "malformed"),
                    _ => answer.refuses(413, "too-large"),
                }
            });
        }
    });
    // A tar that says of its only file to be eight gibibytes long.
    let mut tar = vec![0; 1024];
    let head = tar.get_mut(..512).expect("a head");
    for (at, text) in [
        (0, "event.toml"),
        (100, "0000644"),
        (124, "77777777777"),
        (156, "0"),
        (257, "ustar"),
        (263, "00"),
    ] {
        head.get_mut(at..at + text.len())
            .expect("it fits")
            .copy_from_slice(text.as_bytes());
    }
    head.get_mut(148..156).expect("it fits").fill(b' ');
    let sum: u32 = head.iter().map(|byte| u32::from(*byte)).sum();
    head.get_mut(148..154)
        .expect("it fits")
        .copy_from_slice(format!("{sum:06o}").as_bytes());
    put(&admin, "x/folder", &[], "application/x-tar", &tar).refuses(400, "malformed");
    let more = peak_kib(&node) - before;
    assert!(more < MORE_KIB, "{more} KiB more");
    node.stranger().get("/health").is(200);
}

#[test]
fn no_door_unpacks_a_body() {
    let node = Node::start();
    let admin = node.admin();
    bring(&admin, "first-relay").is(201);
    // So short that it has arrived when it is refused: what is hung up on while it sends may miss the answer.
    let gzip = gzip(8);
    let page = "/events/first-relay/operators/kyoto-fox/availability";
    for coding in ["gzip", "deflate", "br", "zstd", "gzip, gzip"] {
        let headers = &[("Content-Encoding", coding)][..];
        for (path, media) in [
            ("x/folder", "application/x-tar"),
            ("x/folder", "application/zip"),
            ("first-relay/groups/osaka", "application/json"),
            ("first-relay/availability/operator.kyoto-fox", "text/csv"),
            ("first-relay/busy/operator.kyoto-fox", "text/csv"),
            ("first-relay/calendars/operator.kyoto-fox", "text/calendar"),
        ] {
            put(&admin, path, headers, media, &gzip).refuses(415, "wrong-type");
        }
        for (path, media) in [
            ("/api/v1/login", "application/json"),
            ("/api/v1/events/first-relay/jobs/plan", "application/json"),
            (page, "multipart/form-data; boundary=x"),
        ] {
            let body = Some((media, gzip.clone()));
            let answer = admin.send(Method::POST, path, headers, body);
            answer.refuses(415, "wrong-type");
        }
    }
    // Said to be as it is, it is read as it is.
    let plain = &[("Content-Encoding", "identity")][..];
    let body = br#"{"zone":"Asia/Tokyo"}"#;
    let group = "first-relay/groups/osaka";
    assert_ne!(
        put(&admin, group, plain, "application/json", body).status,
        415
    );
    node.stranger().get("/health").is(200);
}
