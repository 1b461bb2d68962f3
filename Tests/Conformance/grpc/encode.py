# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""Prints requests as the hexadecimal text a configuration wants.

    run encode service.proto package.Message '{"field": "value"}' ['{...}' ...]

The JSON is protobuf's own mapping: bytes are base64, enumerations are names.
"""

import importlib
import os
import sys
import tempfile

from google.protobuf import json_format
from grpc_tools import protoc


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    path, name, texts = os.path.abspath(sys.argv[1]), sys.argv[2], sys.argv[3:]
    folder, file = os.path.split(path)
    bundled = os.path.join(os.path.dirname(protoc.__file__), "_proto")
    with tempfile.TemporaryDirectory() as out:
        if protoc.main(["protoc", f"-I{folder}", f"-I{bundled}", f"--python_out={out}", path]):
            sys.exit(1)
        sys.path.insert(0, out)
        module = importlib.import_module(file.removesuffix(".proto").replace("-", "_") + "_pb2")
        descriptor = module.DESCRIPTOR.message_types_by_name
        simple = name.removeprefix(module.DESCRIPTOR.package + ".")
        if simple not in descriptor:
            sys.exit(f"{path} has {', '.join(descriptor)}, not {name}")
        for text in texts:
            print(json_format.Parse(text, getattr(module, simple)()).SerializeToString().hex())


if __name__ == "__main__":
    main()
