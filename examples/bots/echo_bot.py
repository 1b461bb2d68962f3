# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""Says back what the caller said."""

from sidetone_bot import Bot, main


class EchoBot(Bot):
    """Keeps the caller's audio and says back each turn, cut out by Sidetone's positions."""

    def __init__(self, connection, start):
        super().__init__(connection, start)
        self.audio = bytearray()
        #: Position of the first sample in `audio`.
        self.first = 0

    async def on_audio_position(self, message):
        self.audio.clear()
        self.first = message["position"]

    async def on_audio(self, audio):
        self.audio += audio
        # 30 s are plenty.
        excess = len(self.audio) - 60 * self.start["input"]["rate"]
        if excess > 0:
            del self.audio[:excess]
            self.first += excess // 2

    async def on_speech_ended(self, message):
        begin = max(0, message["onset"] - self.first)
        end = max(0, message["position"] - self.first)
        await self.say(bytes(self.audio[2 * begin:2 * end]))


if __name__ == "__main__":
    main(EchoBot)
