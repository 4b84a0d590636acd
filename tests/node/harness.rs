//! Nodes to test against, and those who call them.
//!
//! `Node::start()` is a new node with a folder of its own; `node.admin()` comes in by the first link.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use reqwest::Method;
use reqwest::blocking::{Client, Response};
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use serde_json::{Value, json};

use crate::databases::{self, Database, VARIABLE};

/// How long anything may take on a busy machine before a test gives up.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A running node; it is killed when it is dropped.
pub(crate) struct Node {
    child: Child,
    lines: Receiver<String>,
    folder: PathBuf,
    /// Its own folder, gone with the node; none when the test keeps it.
    _own: Option<tempfile::TempDir>,
    /// Its own database, where all are on PostgreSQL; the test keeps it with the folder.
    database: Option<Database>,
    address: String,
}

impl Node {
    /// A new node with a folder of its own.
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    /// A new node with a folder of its own, and more arguments for `meridian serve`.
    pub(crate) fn start_with(arguments: &[&str]) -> Self {
        let own = tempfile::tempdir().expect("a folder for the node");
        let mut node = Self::start_in(own.path(), arguments);
        node._own = Some(own);
        node
    }

    /// A node with a folder of its own that keeps everything in a PostgreSQL database.
    pub(crate) fn start_on(address: &str, arguments: &[&str]) -> Self {
        let own = tempfile::tempdir().expect("a folder for the node");
        let mut command = Self::serve(own.path(), arguments);
        command.env(VARIABLE, address);
        let mut node = Self::start_by(command, own.path());
        node._own = Some(own);
        node
    }

    /// A node on a folder that the test keeps.
    pub(crate) fn start_in(folder: &Path, arguments: &[&str]) -> Self {
        let database = databases::made_for(folder);
        let mut command = Self::serve(folder, arguments);
        databases::find(&mut command, folder);
        let mut node = Self::start_by(command, folder);
        node.database = database;
        node
    }

    fn serve(folder: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_meridian"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]);
        command.arg(folder).args(arguments);
        command
    }

    /// A node that is told when a file can grow no more, instead of being killed.
    pub(crate) fn start_where_files_are_limited(folder: &Path) -> Self {
        let mut command = Command::new("sh");
        command.args(["-c", "trap '' XFSZ; exec \"$@\"", "sh"]);
        command.arg(env!("CARGO_BIN_EXE_meridian"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]);
        command.arg(folder);
        Self::start_by(command, folder)
    }

    /// A node in whose folder no file can grow beyond so many KiB: a full disk.
    pub(crate) fn start_cramped(folder: &Path, kib: u64, arguments: &[&str]) -> Self {
        let mut command = Command::new("bash");
        let script = format!("trap '' XFSZ; ulimit -f {kib}; exec \"$0\" \"$@\"");
        command.args(["-c", &script, env!("CARGO_BIN_EXE_meridian")]);
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]);
        command.arg(folder).args(arguments);
        Self::start_by(command, folder)
    }

    fn start_by(mut command: Command, folder: &Path) -> Self {
        let log = File::options()
            .create(true)
            .append(true)
            .open(folder.join("node.log"))
            .expect("a log");
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("the node starts");
        let out = child.stdout.take().expect("it is piped");
        let (sender, lines) = channel();
        // Read to the end, so that the node never waits for a full pipe.
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        let mut node = Self {
            child,
            lines,
            folder: folder.to_owned(),
            _own: None,
            database: None,
            address: String::new(),
        };
        node.address = node.line("Listening on ");
        node
    }

    /// The rest of the next line of its output that begins so.
    pub(crate) fn line(&self, beginning: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(line) => match line.strip_prefix(beginning) {
                    Some(rest) => return rest.trim().to_owned(),
                    None => continue,
                },
                Err(_) => panic!(
                    "the node never said {beginning:?}; its log:\n{}",
                    self.log()
                ),
            }
        }
    }

    /// Its address, such as `http://127.0.0.1:40001`.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Where it keeps everything.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// What it wrote to its log so far.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("node.log")).unwrap_or_default()
    }

    fn end_of_log(&self) -> String {
        let log = self.log();
        let lines: Vec<&str> = log.lines().collect();
        let from = lines.len().saturating_sub(50);
        lines.get(from..).unwrap_or_default().join("\n")
    }

    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Ends it at once, as a power cut would.
    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Asks it to end, and waits until it has.
    pub(crate) fn stop(&mut self) -> ExitStatus {
        let pid = self.pid().to_string();
        let asked = Command::new("kill").args(["-TERM", &pid]).status();
        assert!(asked.is_ok_and(|status| status.success()));
        wait_for("the node ends", || {
            self.child.try_wait().expect("it can be asked")
        })
    }

    /// The code of the first link.
    pub(crate) fn first_code(&self) -> String {
        let link = self.line("Come in: ");
        let (_, code) = link.split_once('#').expect("a link with a code");
        code.to_owned()
    }

    /// Comes in by the first link; only once.
    pub(crate) fn admin(&self) -> Caller {
        self.come_in(&self.first_code())
    }

    /// Comes in with the code of a link.
    pub(crate) fn come_in(&self, code: &str) -> Caller {
        let answer = self
            .stranger()
            .post("/api/v1/login", &json!({ "code": code }));
        answer.is(204);
        let cookie = answer.header("set-cookie");
        let login = cookie.split(';').next().expect("a cookie");
        self.with_cookie(login)
    }

    /// Someone who is not signed in.
    pub(crate) fn stranger(&self) -> Caller {
        self.caller("x-nobody", "1")
    }

    /// Someone whose browser kept a cookie.
    pub(crate) fn with_cookie(&self, cookie: &str) -> Caller {
        self.caller("cookie", cookie)
    }

    /// Someone who shows a token.
    pub(crate) fn bearer(&self, token: &str) -> Caller {
        self.caller("authorization", &format!("Bearer {token}"))
    }

    /// Someone who was signed in before the node was started again.
    pub(crate) fn like(&self, caller: &Caller) -> Caller {
        let (name, value) = &caller.proof;
        self.caller(name, value)
    }

    fn caller(&self, name: &'static str, value: &str) -> Caller {
        Caller {
            client: client(),
            address: self.address.clone(),
            proof: (name, value.to_owned()),
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.kill();
        if self._own.is_none() {
            // Another node will be started on it; it goes with the server.
            std::mem::forget(self.database.take());
        }
        if std::thread::panicking() {
            eprintln!("the node's log:\n{}", self.end_of_log());
        }
    }
}

/// The one client of all callers: making one takes a while, and it keeps no cookies.
fn client() -> Client {
    static CLIENT: OnceLock<Client> = OnceLock::new();
    let made = CLIENT.get_or_init(|| {
        let client = Client::builder()
            .timeout(PATIENCE)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build();
        client.expect("a client")
    });
    made.clone()
}

/// Waits until there is something; the only way to wait in these tests.
pub(crate) fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Someone who calls a node.
#[derive(Clone)]
pub(crate) struct Caller {
    client: Client,
    pub(crate) address: String,
    /// The header that says who she is.
    proof: (&'static str, String),
}

impl Caller {
    /// Any request; the body as it is.
    pub(crate) fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<(&str, Vec<u8>)>,
    ) -> Answer {
        Answer::of(self.stream(method, path, headers, body))
    }

    /// Any request, its answer to be read as it comes.
    pub(crate) fn stream(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<(&str, Vec<u8>)>,
    ) -> Response {
        let url = format!("{}{path}", self.address);
        let (name, value) = &self.proof;
        let mut request = self.client.request(method, url).header(*name, value);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some((media, bytes)) = body {
            request = request.header(CONTENT_TYPE, media).body(bytes);
        }
        request.send().expect("the node answers")
    }

    /// The node's address, and the header that says who she is.
    pub(crate) fn parts(&self) -> (String, (&'static str, String)) {
        (self.address.clone(), self.proof.clone())
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], None)
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, &[], as_json(body))
    }

    /// Makes a thing that must not be there yet.
    pub(crate) fn make(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::PUT, path, &[("If-None-Match", "*")], as_json(body))
    }

    /// Changes a thing that must be at that version.
    pub(crate) fn change(&self, path: &str, version: i64, body: &Value) -> Answer {
        let tag = format!("\"{version}\"");
        self.send(Method::PUT, path, &[("If-Match", &tag)], as_json(body))
    }

    /// Deletes a thing that must be at that version.
    pub(crate) fn delete(&self, path: &str, version: i64) -> Answer {
        let tag = format!("\"{version}\"");
        self.send(Method::DELETE, path, &[("If-Match", &tag)], None)
    }
}

fn as_json(body: &Value) -> Option<(&'static str, Vec<u8>)> {
    Some(("application/json", body.to_string().into_bytes()))
}

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    fn of(response: Response) -> Self {
        Self {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: response.bytes().expect("the answer comes whole").to_vec(),
        }
    }

    /// A header; empty when there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).map(|value| value.to_str());
        value.and_then(Result::ok).unwrap_or_default()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("not JSON ({error}): {} {}", self.status, self.text()))
    }

    /// Its body, once its status is that.
    #[track_caller]
    pub(crate) fn is(&self, status: u16) -> &Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    /// The problem document that it must be.
    #[track_caller]
    pub(crate) fn refuses(&self, status: u16, code: &str) -> Value {
        self.is(status);
        assert_eq!(self.header("content-type"), "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(problem["status"], status, "{problem}");
        problem
    }
}
