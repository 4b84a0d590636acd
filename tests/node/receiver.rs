//! A program that listens for webhooks: on 127.0.0.1, remembering what it was told, and answering as a test wants.
//!
//! It computes signatures by itself, from the definition of HMAC, so that a mistake of the node is not made twice.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::harness::wait_for;

/// A message as it came in.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) path: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Received {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("a message is JSON")
    }

    pub(crate) fn kind(&self) -> String {
        self.json()["type"].as_str().expect("a type").to_owned()
    }

    pub(crate) fn seq(&self) -> i64 {
        self.json()["data"]["seq"].as_i64().expect("a number")
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// Its signatures.
    pub(crate) fn signatures(&self) -> Vec<&str> {
        self.header("webhook-signature").split(' ').collect()
    }

    /// The signature that a secret gives.
    pub(crate) fn signed_by(&self, secret: &str) -> String {
        let (id, at) = (self.header("webhook-id"), self.header("webhook-timestamp"));
        signature(secret, &format!("{id}.{at}.{}", self.body))
    }
}

/// Source: RFC 2104, section 2, for keys of at most 64 bytes.
pub(crate) fn signature(secret: &str, text: &str) -> String {
    let key = secret.strip_prefix("whsec_").expect("a secret");
    let mut key = STANDARD.decode(key).expect("base64");
    assert!((24..=64).contains(&key.len()), "{} bytes", key.len());
    key.resize(64, 0);
    let pad = |with: u8| key.iter().map(|byte| byte ^ with).collect::<Vec<u8>>();
    let inner = Sha256::new()
        .chain_update(pad(0x36))
        .chain_update(text)
        .finalize();
    let outer = Sha256::new().chain_update(pad(0x5c)).chain_update(inner);
    format!("v1,{}", STANDARD.encode(outer.finalize()))
}

/// What a receiver does with the message of that number, the first being 0.
pub(crate) enum Reply {
    /// Answers with a status line and headers.
    Says(&'static str),
    /// Answers with a status line and headers of the test's making.
    Tells(String),
    /// Keeps the line open and says nothing.
    Hangs,
}

/// A program that listens, as long as the test runs.
pub(crate) struct Receiver {
    pub(crate) url: String,
    heard: Arc<Mutex<Vec<Received>>>,
}

impl Receiver {
    /// One that takes everything.
    pub(crate) fn new() -> Self {
        Self::answering(|_, _| Reply::Says("204 No Content"))
    }

    pub(crate) fn answering(
        reply: impl Fn(usize, &Received) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let (all, reply) = (Arc::clone(&heard), Arc::new(reply));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (all, reply) = (Arc::clone(&all), Arc::clone(&reply));
                std::thread::spawn(move || serve(stream, &all, &*reply));
            }
        });
        Self {
            url: format!("http://127.0.0.1:{port}/hook"),
            heard,
        }
    }

    /// What it was told so far.
    pub(crate) fn heard(&self) -> Vec<Received> {
        self.heard.lock().expect("a list").clone()
    }

    /// What it was told, once that is as wanted.
    pub(crate) fn wait(&self, what: &str, wanted: impl Fn(&[Received]) -> bool) -> Vec<Received> {
        wait_for(what, || Some(self.heard()).filter(|heard| wanted(heard)))
    }
}

fn serve(
    mut stream: TcpStream,
    heard: &Mutex<Vec<Received>>,
    reply: &(impl Fn(usize, &Received) -> Reply + ?Sized),
) {
    let Some(message) = read(&stream) else { return };
    let n = {
        let mut heard = heard.lock().expect("a list");
        heard.push(message.clone());
        heard.len() - 1
    };
    let says = match reply(n, &message) {
        Reply::Says(text) => text.to_owned(),
        Reply::Tells(text) => text,
        Reply::Hangs => {
            // Until the other end has enough of it.
            let _ = stream.read(&mut [0]);
            return;
        }
    };
    let _ = write!(
        stream,
        "HTTP/1.1 {says}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    );
}

fn read(stream: &TcpStream) -> Option<Received> {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first).ok()?;
    let path = first.split(' ').nth(1)?.to_owned();
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        match line.trim_end().split_once(": ") {
            Some((name, value)) => {
                headers.insert(name.to_ascii_lowercase(), value.to_owned());
            }
            None => break,
        }
    }
    let length = headers.get("content-length").map_or("0", String::as_str);
    let length = length.parse().ok()?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Received {
        path,
        headers,
        body: String::from_utf8(body).ok()?,
    })
}
