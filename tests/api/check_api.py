"""Holds a running node against its own OpenAPI document: every route, with what it asks for and with what it does not.

usage: check_api.py MERIDIAN SCHEMATHESIS [more options of schemathesis]

Starts the binary on a free port with a folder of its own, brings two sample events, and lets schemathesis call every
route as an admin: no status that the document does not have, no body of another form, and nothing that fails inside.
"""

import io
import json
import os
import pathlib
import re
import subprocess
import sys
import tarfile
import tempfile
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
EVENT = "first-relay"
SPACE = "relay"
GROUPS = ["kyoto", "berlin"]


def call(method, url, body=None, media="application/json", **headers):
    """The answer's JSON, and its headers."""
    if isinstance(body, dict):
        body = json.dumps(body).encode()
    request = urllib.request.Request(url, data=body, method=method)
    request.add_header("Content-Type", media)
    for name, value in headers.items():
        request.add_header(name.replace("_", "-"), value)
    with urllib.request.urlopen(request, timeout=60) as answer:
        text = answer.read()
        return (json.loads(text) if text else None), answer.headers


def folder_as_tar():
    """The sample event as it is sent."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        tar.add(ROOT / "data" / "events" / EVENT, arcname=EVENT)
    return out.getvalue()


def come_in(lines):
    """The node's address and the headers of an admin's token."""
    address = code = None
    for line in lines:
        if found := re.match(r"Listening on (\S+)", line):
            address = found[1]
        if found := re.match(r"Come in: \S+#(\S+)", line):
            code = found[1]
            break
    _, headers = call("POST", f"{address}/api/v1/login", {"code": code})
    cookie = headers["Set-Cookie"].split(";")[0]
    wanted = {"name": "checks", "scopes": ["read", "write", "plan", "admin"]}
    token, _ = call("POST", f"{address}/api/v1/tokens", wanted, Cookie=cookie)
    return address, {"Authorization": f"Bearer {token['token']}"}


def main(meridian, schemathesis, *more):
    meridian, schemathesis = (pathlib.Path(path).absolute() for path in (meridian, schemathesis))
    with tempfile.TemporaryDirectory() as data:
        log = open(pathlib.Path(data) / "node.log", "w", encoding="utf-8")
        arguments = ["serve", "--data", data, "--listen", "127.0.0.1:0", "--rate", "0", "--jobs", "0"]
        node = subprocess.Popen([meridian, *arguments], stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            address, token = come_in(node.stdout)
            call("PUT", f"{address}/api/v1/events/{EVENT}/folder", folder_as_tar(), "application/x-tar",
                 If_None_Match="*", **token)
            for handle in GROUPS:
                call("POST", f"{address}/api/v1/exchange/groups", {"handle": handle}, **token)
            call("POST", f"{address}/api/v1/exchange/spaces", {"name": SPACE, "event": EVENT}, **token)
            ended = subprocess.run(
                [schemathesis, "--config-file", str(HERE / "schemathesis.toml"), "run", f"{address}/api/v1/openapi.json", "--url", f"{address}/api/v1",
                 "--header", f"Authorization: {token['Authorization']}", "--checks", "all",
                 # A stream of changes never ends; tests/node follows it.
                 "--exclude-path", "/events/{event}/changes", "--request-timeout", "20", *more],
                cwd=data, check=False,
                env={**os.environ, "SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(HERE)})
            failed = ended.returncode != 0
            text = pathlib.Path(log.name).read_text(encoding="utf-8")
            errors = [line for line in text.splitlines() if '"level":"ERROR"' in line]
            for line in errors[:20]:
                print(line)
            failed = failed or bool(errors) or node.poll() is not None
        finally:
            node.kill()
            node.wait()
    print("0 passed, 1 failed" if failed else "1 passed, 0 failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
