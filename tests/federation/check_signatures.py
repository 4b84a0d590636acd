"""Holds the signatures between nodes against another implementation of RFC 9421 (PyPI http-message-signatures).

usage: check_signatures.py [--write] [FOLDER]

It verifies every exchange of FOLDER/signed.json, which our code signed, refuses each of them when altered, and signs
those of FOLDER/signed-elsewhere.json anew: they must come out as they stand there, for our tests take them as they
stand. With --write it writes that file where it is missing.
"""

import base64
import copy
import dataclasses
import datetime
import json
import pathlib
import sys

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from http_message_signatures import (
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPMessageSignaturesException,
    InvalidSignature,
    algorithms,
)
from http_message_signatures.resolvers import MappingKeyResolver

LABEL, TAG = "meridian", "meridian-fed-1"
OF_REQUEST = (
    "@method", "@authority", "@path", "@query", "content-digest", "content-type", "meridian-recipient",
)
OF_RESPONSE = ("@status", "content-digest", "content-type", '"signature";req;key="meridian"')
# One order of parameters is taken; the library writes them in another of its own.
PARAMETERS = ("created", "expires", "nonce", "keyid", "alg", "tag")


class Timeless(HTTPMessageVerifier):
    """The files are of one moment; whether a signature is of now is our own check and has its own tests."""

    def validate_created_and_expires(self, sig_input, max_age=None):
        pass


class Message:
    def __init__(self, said):
        self.headers = dict(said["fields"])


class Request(Message):
    def __init__(self, said):
        super().__init__(said)
        self.method = said["method"]
        query = "" if said["query"] is None else "?" + said["query"]
        self.url = f"https://{said['authority']}{said['path']}{query}"


class Response(Message):
    def __init__(self, said, request):
        super().__init__(said)
        self.status_code = said["status"]
        self.request = request


def messages(exchange):
    """The request and the answer, each with what the file says of it and what must be covered."""
    request = Request(exchange["request"])
    response = Response(exchange["response"], request)
    return [(request, exchange["request"], OF_REQUEST), (response, exchange["response"], OF_RESPONSE)]


def key_id(said):
    """The name of a key as the file has it; how it is made is no matter of RFC 9421."""
    text = dict(said["fields"])["signature-input"]
    return text.split('keyid="')[1].split('"')[0]


def resolver(said):
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(said["secret"]))
    name = key_id(said)
    return MappingKeyResolver(public_keys={name: key.public_key()}, private_keys={name: key})


def verify(exchange):
    for message, said, covered in messages(exchange):
        verifier = Timeless(signature_algorithm=algorithms.ED25519, key_resolver=resolver(said))
        results = verifier.verify(
            message,
            expect_tag=TAG,
            expect_label=LABEL,
            require_components=covered,
            max_age=None,
            body=said["body"].encode(),
        )
        assert len(results) == 1, results
        result = results[0]
        assert len(result.covered_components) == len(covered) + 1, result.covered_components
        wanted = {name: said[name] for name in ("created", "expires", "nonce") if name in said}
        wanted |= {"keyid": key_id(said), "alg": "ed25519", "tag": TAG}
        assert dict(result.parameters) == wanted, (dict(result.parameters), wanted)


def sign(exchange):
    """The same exchange, signed by the library; our code gives only what is to be signed."""
    exchange = copy.deepcopy(exchange)
    for index, part in enumerate(("request", "response")):
        message, said, covered = messages(exchange)[index]
        signer = HTTPMessageSigner(signature_algorithm=algorithms.ED25519, key_resolver=resolver(said))
        moment = lambda name: datetime.datetime.fromtimestamp(said[name], datetime.timezone.utc) if name in said else None
        kept = ("content-type", "meridian-recipient")
        message.headers = {name: value for name, value in said["fields"] if name in kept}
        prepared = signer.prepare(
            message,
            key_id=key_id(said),
            created=moment("created"),
            expires=moment("expires"),
            nonce=said.get("nonce"),
            label=LABEL,
            tag=TAG,
            covered_component_ids=covered,
            body=said["body"].encode(),
        )
        prepared = in_our_order(prepared)
        key = signer.key_resolver.resolve_private_key(key_id(said))
        signer.apply(message, prepared, key.sign(prepared.signature_base))
        got = {name.lower(): value for name, value in message.headers.items()}
        exchange[part]["fields"] = [[name, got[name]] for name, _ in said["fields"]]
        assert len(got) == len(said["fields"]), got
    return exchange


def in_our_order(prepared):
    components, *parameters = prepared.signature_params.split(");")
    parameters = dict(one.split("=", 1) for one in parameters[0].split(";"))
    text = ";".join([components + ")"] + [f"{name}={parameters[name]}" for name in PARAMETERS if name in parameters])
    base = prepared.signature_base.replace(prepared.signature_params.encode(), text.encode())
    return dataclasses.replace(prepared, signature_base=base, signature_params=text)


def alterations(exchange):
    """The exchange with one thing other than it was signed, thing by thing."""
    for part, name, value in [
        ("request", "method", "PUT"),
        ("request", "authority", "rome.example"),
        ("request", "path", "/fed/v1/other"),
        ("request", "query", "since=13"),
        ("request", "body", "{ }"),
        ("response", "status", 201),
        ("response", "body", "{ }"),
    ]:
        altered = copy.deepcopy(exchange)
        altered[part][name] = value
        yield f"{part} {name}", altered
    for part, name in [("request", "meridian-recipient"), ("request", "content-type"), ("response", "content-type")]:
        altered = copy.deepcopy(exchange)
        altered[part]["fields"] = [[key, "x/y" if key == name else value] for key, value in altered[part]["fields"]]
        yield f"{part} {name}", altered
    # An answer to another request: the answer alone is as it was.
    other = copy.deepcopy(exchange)
    other["request"]["nonce"] = base64.b64encode(bytes(16)).decode()
    swapped = copy.deepcopy(exchange)
    swapped["request"] = sign(other)["request"]
    yield "answer to another request", swapped


def elsewhere(ours):
    """Exchanges that differ from ours in what they say; signed by the library."""
    for number, exchange in enumerate(copy.deepcopy(ours)):
        exchange["request"] |= {
            "authority": "oslo.example",
            "path": f"/fed/v1/spaces/{number}/pull",
            "body": '{"have":[[1,2]]}',
            "nonce": base64.b64encode(bytes(range(number, number + 16))).decode(),
            "created": 1796000100,
            "expires": 1796000220,
        }
        exchange["response"] |= {"status": 202, "body": "", "created": 1796000103}
        yield sign(exchange)


def main(arguments):
    write = "--write" in arguments
    folders = [argument for argument in arguments if argument != "--write"]
    folder = pathlib.Path(folders[0] if folders else "data/wire/http")
    ours = json.loads((folder / "signed.json").read_text())
    file = folder / "signed-elsewhere.json"
    if write and not file.exists():
        file.write_text(json.dumps(list(elsewhere(ours)), indent=2) + "\n")
    theirs = json.loads(file.read_text())
    passed = failed = 0

    def count(what, good):
        nonlocal passed, failed
        passed, failed = passed + good, failed + (not good)
        if not good:
            print(f"FAILED: {what}")

    for name, exchanges in (("ours", ours), ("elsewhere", theirs)):
        for number, exchange in enumerate(exchanges):
            try:
                verify(exchange)
                count("", True)
            except (HTTPMessageSignaturesException, AssertionError) as error:
                count(f"{name} {number} is not verified: {error!r}", False)
            count(f"{name} {number} is signed otherwise", sign(exchange) == exchange)
            for what, altered in alterations(exchange):
                try:
                    verify(altered)
                    count(f"{name} {number} is verified with another {what}", False)
                except InvalidSignature:
                    count("", True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not ours or not theirs else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
