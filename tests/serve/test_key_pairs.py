"""A certificate and a key that cannot be used are told in one line, with what to write instead."""

from __future__ import annotations

import ctypes
import os
import ssl
import subprocess
import sys

import pytest

from erlen.serve.key_pairs import KeyPairError, check_pair

# These guard nothing.
CERTIFICATE = """\
-----BEGIN CERTIFICATE-----
MIIBMDCB16ADAgECAgEBMAoGCCqGSM49BAMCMBQxEjAQBgNVBAMMCWxvY2FsaG9z
dDAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowFDESMBAGA1UEAwwJ
bG9jYWxob3N0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE9VONkcD5Ysv//n7X
CYVhsZdao/YKqXi3bEbVJZdGYNPsLdwpCMUaisQOB90QLUJfeMnHEfwgiP40Sa8h
8+MRMqMYMBYwFAYDVR0RBA0wC4IJbG9jYWxob3N0MAoGCCqGSM49BAMCA0gAMEUC
IHIQ2v7NwDgecpM2+yvYo+IYWroBEbG+DE/iv0o6GGGyAiEAtTJli4y9qygf8UHw
e4uu4s2CO7y5QNpkx0GFCLoWw/0=
-----END CERTIFICATE-----
"""
KEY = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgkGI/TuOlJ7SQOU6b
z5s9KeGneValKSBpUUZqxAVLbEmhRANCAAT1U42RwPliy//+ftcJhWGxl1qj9gqp
eLdsRtUll0Zg0+wt3CkIxRqKxA4H3RAtQl94yccR/CCI/jRJryHz4xEy
-----END PRIVATE KEY-----
"""
ENCRYPTED = """\
-----BEGIN ENCRYPTED PRIVATE KEY-----
MIH0MF8GCSqGSIb3DQEFDTBSMDEGCSqGSIb3DQEFDDAkBBBp0VFP/OZBL41tzrHP
+xPlAgIIADAMBggqhkiG9w0CCQUAMB0GCWCGSAFlAwQBKgQQYx+gyP0vXxSkbcmv
nwID3QSBkLCjX10K8DYwa0iquCNbqBCzFvmi9mPsXGltV7hPMuLEwOfnSzamqnHt
4IJseafyQFPZfBAqItw0MzV/9L3tgBTs54WHbJ5wAy4ueGzhLQ42z578QgGOedxF
NsB0dLBavqfwQOMLohu6b/PFsL8YmTohjiKaw172uB71XgUbUQIGmrxLXFl/yJHe
ZlYtoJ5vsw==
-----END ENCRYPTED PRIVATE KEY-----
"""
OTHER_KEY = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgwsrkOiDPgtgtC6Ul
GTW8nGr8gm4H6dHolx4L3lh7u02hRANCAARj/Axz825TnaP/6v4b6cQnhn3zya+e
HH+z4eJWKWKwB2hH4t6vMscoltvhujNKypM2I8iMUQYAC5449a3Qv/gP
-----END PRIVATE KEY-----
"""

DER = ssl.PEM_cert_to_DER_cert(CERTIFICATE)
APP = "from erlen import Erlen\napp = Erlen('app')\n"
SOCKET = "@app.websocket('/')\nasync def ws(): ...\n"
COMMANDS = {
    "run": (APP, ["-m", "erlen", "--app", "app.py", "run", "-p", "0"]),
    "run with WebSockets": (APP + SOCKET, ["-m", "erlen", "--app", "app.py", "run", "-p", "0"]),
    "run with the reloader": (APP, ["-m", "erlen", "--app", "app.py", "run", "--debug", "-p", "0"]),
    "serve": (APP, ["-m", "erlen", "--app", "app.py", "serve", "-p", "0"]),
}
NAMES = {"run": ("--cert", "--key"), "serve": ("--certfile", "--keyfile")}
# From linux/prctl.h and linux/capability.h.
_PR_CAPBSET_DROP, _DAC_OVERRIDE, _DAC_READ_SEARCH = 24, 1, 2


def without_rights():
    """Let the process read what its files allow alone, though it is the administrator's."""
    for right in (_DAC_OVERRIDE, _DAC_READ_SEARCH):
        ctypes.CDLL(None).prctl(_PR_CAPBSET_DROP, right, 0, 0, 0)


@pytest.fixture
def files(tmp_path):
    contents = {
        "good.pem": CERTIFICATE,
        "good.key": KEY,
        "both.pem": KEY + CERTIFICATE,
        "other.key": OTHER_KEY,
        "encrypted.key": ENCRYPTED,
        "broken.pem": CERTIFICATE.replace("MIIB", "MIIA"),
        "text.pem": "nothing",
        "empty.pem": "",
    }
    for name, content in contents.items():
        (tmp_path / name).write_text(content)
    (tmp_path / "der.pem").write_bytes(DER)
    (tmp_path / "folder").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("certificate", "key", "told"),
    [
        ("no.pem", "good.key", "no.pem cannot be read: No such file or directory. Name"),
        ("folder", "good.key", "folder cannot be read: Is a directory. Name the file that has it"),
        ("good.pem", "no.key", "no.key cannot be read: No such file or directory. Name"),
        ("text.pem", "good.key", "text.pem has no certificate in PEM form. Name a file with a"),
        ("empty.pem", "good.key", "empty.pem has no certificate in PEM form"),
        ("good.pem", "text.pem", "text.pem has no key in PEM form. Name a file with a line -----B"),
        ("der.pem", "good.key", "der.pem is in DER form. Make PEM of it: openssl x509 -inform der"),
        ("good.pem", "der.pem", "der.pem is in DER form. Make PEM of it: openssl pkey -inform der"),
        ("good.key", "good.pem", "good.key has no certificate, but: private key. Name the"),
        ("good.pem", "good.pem", "good.pem has no key, but: certificate. Name the"),
        ("good.pem", "other.key", "does not belong to the certificate"),
        ("good.pem", "encrypted.key", "encrypted.key is encrypted, and nobody is there to type"),
        ("broken.pem", "good.key", "cannot be used: "),
    ],
)
def test_each_reason_has_its_next_step(files, certificate, key, told):
    with pytest.raises(KeyPairError) as failure:
        check_pair(files / certificate, files / key)
    text = str(failure.value)
    assert told in text
    assert "\n" not in text
    assert "--certfile" in text or "--keyfile" in text or "openssl" in text or "-----BEGIN" in text


def test_what_can_be_used_is(files):
    check_pair(files / "good.pem", files / "good.key")
    check_pair(files / "both.pem", files / "both.pem")
    check_pair(str(files / "good.pem"), str(files / "encrypted.key"), asks=True)


@pytest.fixture(params=COMMANDS)
def fails(request, files):
    source, command = COMMANDS[request.param]
    (files / "app.py").write_text(source)
    names = NAMES["serve" if "serve" in request.param else "run"]

    def run(certificate, key, **kwargs):
        given = [part for pair in zip(names, (certificate, key), strict=True) for part in pair]
        given = given[2:] if certificate is None else given[:2] if key is None else given
        done = subprocess.run(
            [sys.executable, *command, *given],
            cwd=files,
            capture_output=True,
            text=True,
            timeout=60,
            **kwargs,
        )
        assert done.returncode == 1, done
        lines = [line for line in done.stderr.splitlines() if "WARNING" not in line]
        assert len(lines) == 1, done.stderr
        assert lines[0].startswith("Error: ")
        assert "Running on" not in done.stderr + done.stdout
        return lines[0], names

    return run


@pytest.mark.parametrize(
    ("certificate", "key", "told"),
    [
        ("no.pem", "good.key", "no.pem"),
        ("good.pem", "no.key", "no.key cannot be read"),
        ("good.pem", "other.key", "does not belong to the certificate"),
        ("good.pem", None, "needs the key"),
        (None, "good.key", "the key of a certificate"),
    ],
)
def test_every_command_tells_it_in_one_line(fails, certificate, key, told):
    line, names = fails(certificate, key)
    assert told in line
    assert any(name in line for name in names)


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux's capabilities")
@pytest.mark.parametrize("name", ["good.pem", "good.key"])
def test_a_file_without_rights(fails, files, name):
    (files / name).chmod(0)
    line, _ = fails("good.pem", "good.key", preexec_fn=None if os.getuid() else without_rights)
    assert f"{name} cannot be read: Permission denied. Let the user that the server runs" in line


@pytest.mark.parametrize("cert", ["adhoc", "context:context"])
def test_a_key_beside_what_has_its_own(files, cert):
    (files / "app.py").write_text(APP)
    (files / "context.py").write_text(
        "import ssl\ncontext = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)\n"
    )
    # What --cert adhoc wants is not what this is about.
    (files / "cryptography.py").touch()
    done = subprocess.run(
        [sys.executable, "-m", "erlen", "run", "--cert", cert, "--key", "good.key"],
        cwd=files,
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(files), *sys.path])},
    )
    assert done.returncode == 1
    assert done.stderr.startswith("Error: Leave --key out: --cert ")
    assert done.stderr.count("\n") == 1
