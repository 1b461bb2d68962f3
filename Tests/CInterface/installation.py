# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""libsidetone installed into a folder of its own, and programs built against it."""

import os
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
WARNINGS = ["-Wall", "-Wextra", "-Werror", "-pedantic", "-g"]
LANGUAGES = {"C99": ["gcc", "-std=c99"], "C++17": ["g++", "-x", "c++", "-std=c++17"]}
SANITIZERS = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
TIMEOUT = 300


class Failure(Exception):
    """A promise that does not hold; its text says which."""


class Installation:
    """libsidetone, installed into a folder of its own."""

    def __init__(self, folder, configuration):
        self.prefix = os.path.join(folder, "prefix")
        self.work = os.path.join(folder, "work")
        os.mkdir(self.work)
        run([os.path.join(ROOT, "scripts", "install-library"), self.prefix, configuration])
        self.library = os.path.join(self.prefix, "lib", "libsidetone.so")
        self.environment = dict(
            os.environ, LD_LIBRARY_PATH=os.path.join(self.prefix, "lib"),
            PKG_CONFIG_PATH=os.path.join(self.prefix, "lib", "pkgconfig"))

    def flags(self, *options):
        return self.run(["pkg-config", *options, "sidetone"]).split()

    def compile(self, source, language="C99", *, name=None, options=(), static=False):
        """Builds a program of this folder and returns its path."""
        program = os.path.join(self.work, name or os.path.splitext(source)[0])
        if static:
            libraries = [flag for flag in self.flags("--static", "--libs") if flag != "-lsidetone"]
            libraries.insert(0, os.path.join(self.prefix, "lib", "libsidetone.a"))
        else:
            libraries = self.flags("--libs")
        # A language given by -x must not hold for the libraries.
        libraries = ["-x", "none", *libraries] if language != "C99" else libraries
        self.run([*LANGUAGES[language], *WARNINGS, *options, *self.flags("--cflags"),
                  os.path.join(HERE, source), "-o", program, *libraries])
        return program

    def run(self, command, folder=None, **more):
        return run(command, env=dict(self.environment, **more), folder=folder)


def run(command, env=None, folder=None):
    """What a command prints; Failure, with all of it, when it fails."""
    ended = subprocess.run(
        command, env=env, cwd=folder, text=True, timeout=TIMEOUT, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, check=False)
    if ended.returncode != 0:
        raise Failure(f"{' '.join(command)}\nended with status {ended.returncode}\n"
                      + ended.stdout[-4000:] + ended.stderr[-4000:])
    return ended.stdout


def require(is_met, text):
    if not is_met:
        raise Failure(text)


def frames(installed, audio, rounds):
    """Runs frames.c, linked with the counter of allocations, and returns what it prints."""
    counter = os.path.join(ROOT, "CModules", "CAllocationCounter")
    counted = os.path.join(installed.work, "counter.o")
    include = "-I" + os.path.join(counter, "include")
    run(["gcc", "-std=c17", "-O2", include, "-c", os.path.join(counter, "counter.c"),
         "-o", counted])
    program = installed.compile("frames.c", options=["-O2", include, counted])
    return installed.run([program, *audio.call[:2], str(rounds)])
