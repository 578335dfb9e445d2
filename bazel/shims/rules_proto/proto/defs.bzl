"""The rules by the names that Bazel's own tools load; here they are built in."""

ProtoInfo = ProtoInfo
proto_lang_toolchain = native.proto_lang_toolchain
proto_library = native.proto_library
