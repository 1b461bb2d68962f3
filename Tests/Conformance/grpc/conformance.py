# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""Checks a gRPC server from outside, whatever its service: see README.md."""

import argparse
import fnmatch
import json
import signal
import sys
import time

import registry
from rpc import Failed, Skipped, Target

import checks_http2  # noqa: F401  (each module registers its checks)
import checks_breaches  # noqa: F401
import checks_requests  # noqa: F401
import checks_messages  # noqa: F401
import checks_calls  # noqa: F401
import checks_client  # noqa: F401
import checks_flood  # noqa: F401
import checks_stall  # noqa: F401
import checks_drain  # noqa: F401

DEFAULTS = {
    "authority": None,
    "metadata": {},
    "unary": None,
    "bidi": None,
    "waiting": None,
    "limits": {"message_bytes": 4 << 20, "attack_mebibytes": 64},
    "seconds": {"answer": 5, "lateness": 1, "bystander": 2, "attack": 10},
    "health": {"services": [""], "required": False},
    "drain": {"command": None, "seconds": 10},
    "pid": None,
    "waive": {},
}
METHOD_KEYS = {"method", "request", "requests", "response", "deterministic", "one_to_one"}
CHECK_SECONDS = 60


class Overdue(BaseException):
    pass


def load(path):
    with open(path, encoding="utf-8") as file:
        given = json.load(file)
    unknown = set(given) - set(DEFAULTS)
    if unknown:
        sys.exit(f"{path}: unknown keys {', '.join(sorted(unknown))}")
    config = {}
    for key, default in DEFAULTS.items():
        if isinstance(default, dict) and default:
            stray = set(given.get(key, {})) - set(default)
            if stray:
                sys.exit(f"{path}: unknown keys in {key}: {', '.join(sorted(stray))}")
            config[key] = {**default, **given.get(key, {})}
        else:
            config[key] = given.get(key, default)
    for kind in ("unary", "bidi", "waiting"):
        method = config[kind]
        if not method:
            continue
        stray = set(method) - METHOD_KEYS
        if stray or not str(method.get("method", "")).startswith("/"):
            sys.exit(f"{path}: {kind} wants 'method': '/package.Service/Method'"
                     + (f"; unknown keys {', '.join(sorted(stray))}" if stray else ""))
        try:
            for key in ("request", "response"):
                if method.get(key) is not None:
                    method[key] = bytes.fromhex(method[key])
            method["requests"] = [bytes.fromhex(text) for text in method.get("requests", [])]
        except ValueError as error:
            sys.exit(f"{path}: {kind}: {error}")
        method.setdefault("one_to_one", False)
        method.setdefault("deterministic", method["one_to_one"])
    if config["unary"] and config["unary"].get("request") is None:
        sys.exit(f"{path}: unary needs 'request'")
    if config["bidi"] and not config["bidi"]["requests"]:
        sys.exit(f"{path}: bidi needs 'requests'")
    return config


def run(target, name, function):
    """The verdict on one check and a remark; nothing it does takes longer than its limit."""
    if name in target.config["waive"]:
        return "SKIP", f"waived: {target.config['waive'][name]}"

    def overdue(*_):
        raise Overdue

    signal.signal(signal.SIGALRM, overdue)
    signal.alarm(CHECK_SECONDS)
    try:
        verdict, remark = "PASS", function(target) or ""
    except Skipped as skipped:
        verdict, remark = "SKIP", str(skipped)
    except Failed as failed:
        verdict, remark = "FAIL", str(failed)
    except Overdue:
        verdict, remark = "FAIL", f"not finished after {CHECK_SECONDS} s"
    except Exception as error:
        verdict, remark = "FAIL", f"{type(error).__name__}: {error}"
    finally:
        signal.alarm(0)
    violations = target.disconnect()
    if violations and verdict == "PASS":
        verdict, remark = "FAIL", "; ".join(violations[:3])
    return verdict, remark


def main():
    parser = argparse.ArgumentParser(prog="run", description=__doc__)
    parser.add_argument("address", nargs="?", help="host:port, cleartext HTTP/2")
    parser.add_argument("-c", "--config", help="JSON: methods and limits of the server")
    parser.add_argument("-o", "--only", action="append", default=[], metavar="PATTERN", help="for example 'flood.*'")
    parser.add_argument("-x", "--exclude", action="append", default=[], metavar="PATTERN")
    parser.add_argument("--pid", type=int, help="the server's process: its memory is watched")
    parser.add_argument("--drain", metavar="COMMAND", help="makes the server shut down gracefully, for example 'kill -TERM 123'")
    parser.add_argument("--json", metavar="FILE", help="write the verdicts")
    parser.add_argument("--list", action="store_true", help="list the checks and stop")
    options = parser.parse_args()

    checks = sorted(registry.CHECKS, key=lambda entry: entry[2])
    if options.only:
        checks = [c for c in checks if any(fnmatch.fnmatchcase(c[0], p) for p in options.only)]
    checks = [c for c in checks if not any(fnmatch.fnmatchcase(c[0], p) for p in options.exclude)]
    if options.list:
        for name, function, _ in checks:
            print(f"{name:36} {(function.__doc__ or '').strip()}")
        return 0
    if not options.address or not options.config:
        parser.error("host:port and --config are needed")
    if not checks:
        parser.error("no check matches")

    host, _, port = options.address.rpartition(":")
    config = load(options.config)
    config["pid"] = options.pid or config["pid"]
    config["drain"]["command"] = options.drain or config["drain"]["command"]
    unknown = set(config["waive"]) - {name for name, _, _ in registry.CHECKS}
    if unknown:
        parser.error(f"waived checks do not exist: {', '.join(sorted(unknown))}")
    target = Target(host.strip("[]"), int(port), config)
    if target.answers() is None:
        print(f"no gRPC answer from {options.address}", file=sys.stderr)
        return 2

    counts = {"PASS": 0, "FAIL": 0, "SKIP": 0}
    results = []
    began = time.monotonic()
    gone = False
    for name, function, last in checks:
        started = time.monotonic()
        verdict, remark = ("FAIL", "not run: the server is gone") if gone else run(target, name, function)
        if not last and not gone and not target.recovers():
            gone = True
            verdict, remark = "FAIL", f"the server no longer answers ({remark})"
        counts[verdict] += 1
        results.append({"check": name, "verdict": verdict, "remark": remark,
                        "seconds": round(time.monotonic() - started, 3)})
        print(f"{verdict}  {name:36} {remark}".rstrip(), flush=True)

    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(results, file, indent=1)
    failed = [r["check"] for r in results if r["verdict"] == "FAIL"]
    print(f"\n{time.monotonic() - began:.0f} seconds" + (f"; failed: {' '.join(failed)}" if failed else ""))
    print(f"{counts['PASS']} passed, {counts['FAIL']} failed, {counts['SKIP']} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
