# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""Each check of scripts/lint passes on a clean tree and catches its breach."""

import os
import subprocess
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
HEADER = "// Sidetone\n// SPDX-License-Identifier: Apache-2.0\n\n"
CLEAN = {
    "Sources/Tone/Tone.swift": HEADER + "struct Tone {\n    var pitch = 440\n}\n",
    "Tests/ToneTests/ToneTests.swift": HEADER + "struct ToneTests {}\n",
    ".swift-format": '{"version": 1, "lineLength": 100, "indentation": {"spaces": 4}}\n',
}


class Lint(unittest.TestCase):
    def lint(self, changes=None):
        """Runs lint over the clean tree with some files, named by path, added."""
        files = CLEAN | (changes or {})
        with tempfile.TemporaryDirectory() as root:
            subprocess.run(["git", "init", "--quiet", root], check=True)
            for path, text in files.items():
                place = os.path.join(root, path)
                os.makedirs(os.path.dirname(place), exist_ok=True)
                with open(place, "w", encoding="utf-8") as file:
                    file.write(text)
            subprocess.run(["git", "-C", root, "add", "--all", "--force"], check=True)
            run = subprocess.run(
                [os.path.join(ROOT, "scripts/lint"), "--root", root],
                text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return run.returncode, run.stdout

    def assert_caught(self, message, changes):
        status, output = self.lint(changes)
        self.assertEqual(status, 1, output)
        self.assertIn(message, output)
        self.assertIn(" 1 failed\n", output)

    def test_a_clean_tree_passes(self):
        status, output = self.lint()
        self.assertEqual(status, 0, output)
        self.assertRegex(output, r"\nlint: \d+ passed, 0 failed\n$")

    def test_catches_a_missing_header(self):
        self.assert_caught(
            "Sources/Tone/Pitch.swift:1: the header lacks 'Sidetone'",
            {"Sources/Tone/Pitch.swift": "struct Pitch {}\n"})

    def test_catches_a_long_file(self):
        self.assert_caught(
            "Sources/Tone/Pitch.swift:433: 433 lines",
            {"Sources/Tone/Pitch.swift": HEADER + "// .\n" * 430})

    def test_generated_messages_are_not_read(self):
        status, output = self.lint({"Sources/Tone/pitch.pb.swift": "// .\n" * 430})
        self.assertEqual(status, 0, output)

    def test_catches_a_path_of_one_machine(self):
        self.assert_caught(
            "docs/notes.md:2: names '/" + "home/'",
            {"docs/notes.md": "# Notes\nSee /" + "home/ann/results.\n"})

    def test_catches_a_reminder(self):
        self.assert_caught(
            "Sources/Tone/Pitch.swift:4: 'TO" + "DO'",
            {"Sources/Tone/Pitch.swift": HEADER + "// TO" + "DO: later\n"})

    def test_catches_a_script_that_cannot_be_run(self):
        self.assert_caught(
            "scripts/go:1: names an interpreter but is not executable",
            {"scripts/go": "#!/bin/sh\n" + HEADER.replace("//", "#")})

    def test_catches_a_committed_build_product(self):
        self.assert_caught(
            "Package.resolved:1: is a build product", {"Package.resolved": "{}\n"})

    def test_catches_unsafe_memory_outside_the_boundary(self):
        self.assert_caught(
            "Sources/Tone/Pitch.swift:4: 'unsafe' outside",
            {"Sources/Tone/Pitch.swift": HEADER + "let pitch = unsafe read()\n"})

    def test_unsafe_memory_is_allowed_at_the_boundary(self):
        status, output = self.lint(
            {"Sources/AudioCore/SpeexResampler.swift": HEADER + "let x = unsafe read()\n",
               "Tests/AudioCoreTests/Tests.swift": HEADER + "struct Tests {}\n"})
        self.assertEqual(status, 0, output)

    def test_catches_a_module_without_tests(self):
        self.assert_caught(
            "Sources/Echo:1: has no Tests/EchoTests",
            {"Sources/Echo/Echo.swift": HEADER + "struct Echo {}\n"})

    def test_catches_tests_without_a_module(self):
        self.assert_caught(
            "Tests/EchoTests:1: tests no module",
            {"Tests/EchoTests/EchoTests.swift": HEADER + "struct EchoTests {}\n"})

    def test_catches_bad_format(self):
        self.assert_caught(
            "Sources/Tone/Pitch.swift:4:",
            {"Sources/Tone/Pitch.swift": HEADER + "let pitch=440;\n"})


if __name__ == "__main__":
    unittest.main()
