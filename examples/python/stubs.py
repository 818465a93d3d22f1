"""Python stubs of the schema, generated when they are needed: nothing generated is kept in the tree."""

import atexit
import importlib
import pathlib
import shutil
import sys
import tempfile

import grpc_tools
from grpc_tools import protoc

PROTO = pathlib.Path(__file__).resolve().parents[2] / "proto"


def generate():
    """Compiles every .proto file into a temporary folder and puts that folder on the import path."""
    folder = tempfile.mkdtemp(prefix="kiban-stubs-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    well_known = pathlib.Path(grpc_tools.__file__).parent / "_proto"
    files = sorted(str(path.relative_to(PROTO)) for path in PROTO.rglob("kiban/**/*.proto"))
    arguments = ["protoc", f"-I{PROTO}", f"-I{well_known}", f"--python_out={folder}", f"--grpc_python_out={folder}"]
    if protoc.main([*arguments, *files]) != 0:
        raise SystemExit("the schema does not compile")
    sys.path.insert(0, folder)


def context(name):
    """What belongs to a context, such as "contract", in one namespace: its messages, enums and stubs."""

    class Context:
        pass

    for path in sorted((PROTO / "kiban" / name / "v1").glob("*.proto")):
        for suffix in ("_pb2", "_pb2_grpc"):
            # Names are unique in a package, whichever file they are from.
            for key, value in vars(importlib.import_module(f"kiban.{name}.v1.{path.stem}{suffix}")).items():
                if not key.startswith("_"):
                    setattr(Context, key, value)
    return Context
