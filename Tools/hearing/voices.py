# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""Where speech comes from: Debian's recorded prompts, espeak-ng, and folders of labelled speech.

A clip is a dict with the keys of manifest.json. People, not files, are split into folds: nobody who
is heard in training is heard in a test. Italian and Russian recordings are for the last check only.
"""

import pathlib
import subprocess
import tempfile
import zlib

import numpy as np
from scipy import signal

from samples import RATE, load_json, read_wav, resampled

SOUNDS = pathlib.Path("/usr/share/asterisk/sounds")
# Speaker: folder, person, language, who recorded it.
RECORDED = {
    "allison_en": ("en_US_f_Allison", "allison", "en-US", "Allison Smith"),
    "allison_es": ("es_MX_f_Allison", "allison", "es-MX", "Allison Smith"),
    "june_fr": ("fr_CA_f_June", "june", "fr-CA", "June Wallack"),
}
LAST_CHECK = {
    "last_it": ("it_IT_*", "last_it", "it-IT", "the speaker of asterisk-core-sounds-it"),
    "last_ru": ("ru_RU_*", "last_ru", "ru-RU", "the speaker of asterisk-core-sounds-ru"),
}
# Tones, effects, and fragments that are no speech.
NOT_SPEECH = ("beep", "tone", "silence", "monkeys", "confbridge-join", "confbridge-leave")
LICENCE = "CC BY-SA 3.0"

# Who belongs where. Everybody else by a hash of the name: seven in ten train, one dev, two test.
FOLDS = {"allison": "train", "fsdd_george": "train", "fsdd_jackson": "train",
         "fsdd_nicolas": "train", "fsdd_yweweler": "train", "librivox_austen": "dev",
         "june": "test", "fsdd_lucas": "test", "fsdd_theo": "test", "jfk": "test",
         "last_it": "last", "last_ru": "last"}
VARIANTS = {
    "train": ["m1", "m2", "m3", "m4", "m8", "f1", "f2", "f3", "klatt", "klatt2", "klatt3", "Alex",
              "Alicia", "Andy", "Annie", "Michael", "Denis", "anika", "benjamin", "boris", "caleb",
              "david", "grandma", "ed", "iven", "linda", "john", "paul", "quincy", "shelby", "zac",
              "steph", "travis", "victor", "belinda", "max", "croak"],
    "dev": ["m6", "f4", "klatt5", "Lee", "norbert", "iven3"],
    "test": ["m5", "m7", "f5", "klatt4", "klatt6", "Gene", "Andrea", "Storm", "aunty", "grandpa",
             "edward", "rob", "steph3", "adam"],
}
# Languages that no training voice speaks.
HELD_LANGUAGES = ("sv", "tr", "hu", "fi")


def person(speaker):
    """Who speaks, whatever the language, the take or the change of pitch."""
    name = speaker.partition("~")[0]
    return RECORDED[name][1] if name in RECORDED else name


def voice(speaker):
    """A person at one pitch."""
    return person(speaker) + "".join(speaker.partition("~")[1:])


def fold(speaker):
    name = person(speaker)
    if name in FOLDS:
        return FOLDS[name]
    for which, variants in VARIANTS.items():
        if name.startswith("espeak_") and name.rpartition("+")[2].partition("_")[0] in variants:
            return which
    return ("train" if (bucket := zlib.crc32(name.encode()) % 10) < 7
            else "dev" if bucket < 8 else "test")


def joined(parts, gaps_ms, rng):
    """Pieces one after the other, faded at their ends, with near silence between."""
    sound = [rng.normal(0, 2, int(RATE * 0.15))]
    for index, part in enumerate(parts):
        part = np.asarray(part, dtype=np.float64).copy()
        ramp = min(len(part) // 4, RATE // 200)
        part[:ramp] *= np.linspace(0, 1, ramp)
        part[-ramp:] *= np.linspace(1, 0, ramp)
        last = index + 1 == len(parts)
        gap = 200 if last else gaps_ms[index % len(gaps_ms)]
        sound += [part, rng.normal(0, 2, int(RATE * gap / 1000))]
    return np.concatenate(sound)


def warped(samples, percent):
    """Another speaker made of this one: faster and higher, or slower and lower."""
    common = np.gcd(100, percent)
    return signal.resample_poly(samples, 100 // common, percent // common)


def recorded_files(pattern):
    """The speech files of one recorded package, with their samples, in order of name."""
    folders = sorted(SOUNDS.glob(pattern))
    if not folders:
        raise SystemExit(f"corpus: {SOUNDS / pattern} is missing: run scripts/install-dependencies")
    for path in sorted(folders[0].rglob("*.wav")):
        name = str(path.relative_to(folders[0]))
        if not any(word in name for word in NOT_SPEECH):
            samples, rate = read_wav(path)
            yield name, resampled(samples, rate)


def recorded_clips(speaker, origin, most, seed):
    """Caller clips (single files and digit strings) and prompts (joined files) of one speaker."""
    pattern, who, language, name = origin
    rng = np.random.default_rng([seed, zlib.crc32(speaker.encode())])
    files = list(recorded_files(pattern))
    record = {"speaker": speaker, "gender": "f", "lang": language, "licence": LICENCE,
              "fold": fold(speaker)}

    def clip(role, index, names, samples, percent=100):
        mark = "" if percent == 100 else f"~{percent}"
        return {"id": f"{role[0]}_{speaker}{mark}_{index:03d}", **record, "role": role,
                "speaker": speaker + mark,
                "source": f"asterisk-core-sounds, recorded by {name}: {', '.join(names)}"
                + (f", at {percent} % of its speed" if mark else "")}, warped(samples, percent)

    digits = [item for item in files if item[0].startswith("digits/") and len(item[1]) < RATE]
    words = [item for item in files if 0.35 * RATE < len(item[1]) < 7 * RATE
             and not item[0].startswith(("digits/", "letters/", "phonetic/"))]
    lines = [item for item in files if 1.5 * RATE < len(item[1]) < 9 * RATE]
    for index, at in enumerate(rng.permutation(len(words))[:most]):
        percent = 100 if index % 2 else int(rng.choice([78, 86, 100, 112, 122]))
        yield clip("caller", index, [words[at][0]], np.pad(words[at][1], (400, 400)), percent)
    for index in range(most // 8):
        picked = [digits[at] for at in rng.integers(len(digits), size=rng.integers(2, 7))]
        samples = joined([item[1] for item in picked], list(rng.integers(60, 500, 4)), rng)
        yield clip("caller", 500 + index, [item[0] for item in picked], samples,
                   int(rng.choice([82, 100, 116])))
    for index in range(most // 3):
        picked = []
        while sum(len(item[1]) for item in picked) < rng.uniform(7.5, 14) * RATE:
            picked.append(lines[rng.integers(len(lines))])
        samples = joined([item[1] for item in picked], list(rng.integers(120, 800, 4)), rng)
        percent = 100 if index % 3 else int(rng.choice([84, 92, 112]))
        yield clip("prompt", index, [item[0] for item in picked], samples[: 18 * RATE], percent)


def espeak_jobs(count, seed):
    """What espeak-ng is to say, by whom: so many speakers, five caller clips each, some prompts."""
    phrases = load_json(pathlib.Path(__file__).with_name("phrases.json"))
    dialects = {"en": ["en-us", "en-gb", "en-gb-scotland", "en-us-nyc", "en-029"], "fr": ["fr-fr"],
                "es": ["es", "es-419"], "pt": ["pt-br", "pt"]}
    rng = np.random.default_rng(seed)
    for index in range(count):
        which = ["train", "train", "test", "train", "train", "dev", "train", "test"][index % 8]
        variants = VARIANTS[which]
        languages = [tongue for tongue in phrases
                     if which == "test" or tongue not in HELD_LANGUAGES]
        tongue = str(rng.choice(["en"] + languages))
        voice = str(rng.choice(dialects.get(tongue, [tongue])))
        variant = variants[int(rng.integers(len(variants)))]
        speaker = f"espeak_{voice}+{variant}_{index}"
        settings = {"voice": f"{voice}+{variant}", "speed": int(rng.integers(120, 215)),
                    "pitch": int(rng.integers(15, 85))}
        texts = [("caller", str(rng.choice(phrases[tongue]["short"]))) for _ in range(2)]
        texts += [("caller", str(rng.choice(phrases[tongue]["long"]))) for _ in range(2)]
        texts += [("caller", " ".join(str(digit) for digit in rng.integers(0, 10, 4)))]
        if index % 2 == 0:
            texts += [("prompt", " ".join(rng.permutation(phrases[tongue]["prompt"])[:2]))]
        for number, (role, text) in enumerate(texts):
            yield {"id": f"{role[0]}_espeak{index:03d}_{number}", "speaker": speaker,
                   "gender": "f" if variant[0] == "f" else "m", "lang": voice, "role": role,
                   "licence": "CC0-1.0 (synthesis)", "source": f"espeak-ng voice {voice}+{variant}",
                   "fold": which, "text": text}, settings


def spoken(settings, text):
    """What espeak-ng says, at 8 kHz, with near silence at both ends."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "said.wav"
        subprocess.run(
            ["espeak-ng", "-v", settings["voice"], "-s", str(settings["speed"]),
             "-p", str(settings["pitch"]), "-w", str(path), text], check=True)
        samples, rate = read_wav(path)
    return np.pad(resampled(samples, rate), (RATE // 8, RATE // 8))[: 18 * RATE]
