"""The schema's names, numbers, comments and imports."""

from copied_tree import Case, Check

EVENT = "proto/tuco/events/v1/event.proto"
SERVICE = "proto/tuco/events/v1/event_service.proto"
FILE = 'syntax = "proto3";\npackage {package};\n'


def planted(name: str, text: str, line: int, says: str) -> Case:
    """A declaration at the end of a file, wrong in the given line of it."""
    return Case(
        name,
        lambda tree: tree.write(
            "proto/tuco/events/v1/planted.proto",
            FILE.format(package="tuco.events.v1") + text,
        ),
        f"proto/tuco/events/v1/planted.proto:{line + 2}",
        says,
    )


MESSAGES = "// A.\nmessage {0}Request {{}}\n// B.\nmessage {0}Response {{}}\n"

CHECK = Check(
    "check_proto",
    ["proto/*.proto"],
    [
        planted("message-case", "// A.\nmessage a_b {}\n", 2, "expected PascalCase"),
        planted(
            "enum-case",
            "// A.\nenum a_b {\n// B.\nA_B_UNSPECIFIED = 0;\n}\n",
            2,
            "expected PascalCase",
        ),
        planted(
            "field-case",
            "// A.\nmessage A {\n// B.\nstring someName = 1;\n}\n",
            4,
            "expected lower_snake_case",
        ),
        planted(
            "nested-field-case",
            "// A.\nmessage A {\n// B.\nmessage B {\n// C.\nint32 cC = 1;\n}\n}\n",
            6,
            "expected lower_snake_case",
        ),
        planted(
            "oneof-case",
            "// A.\nmessage A {\n// B.\noneof bC {\n// C.\nint32 c = 1;\n}\n}\n",
            4,
            "expected lower_snake_case",
        ),
        planted(
            "value-case",
            "// A.\nenum A {\n// B.\nA_UNSPECIFIED = 0;\n// C.\nA_c = 1;\n}\n",
            6,
            "expected UPPER_SNAKE_CASE",
        ),
        planted(
            "value-prefix",
            "// A.\nenum AbC {\n// B.\nAB_C_UNSPECIFIED = 0;\n// C.\nOTHER = 1;\n}\n",
            6,
            "with AB_C_ first",
        ),
        planted(
            "zero-value",
            "// A.\nenum A {\n// B.\nA_NONE = 0;\n}\n",
            4,
            "expected A_UNSPECIFIED = 0",
        ),
        planted(
            "service-name",
            "// A.\nservice Planted {}\n",
            2,
            "expected PlantedService",
        ),
        planted(
            "rpc-case",
            "// A.\nmessage do_itRequest {}\n",
            2,
            "expected PascalCase",
        ),
        planted(
            "rpc-request",
            MESSAGES.format("Do")
            + "// C.\nservice AService {\n// D.\n"
            + "rpc DoIt(DoRequest) returns (DoItResponse);\n}\n"
            + "// E.\nmessage DoItResponse {}\n",
            8,
            "expected tuco.events.v1.DoItRequest",
        ),
        planted(
            "rpc-response",
            MESSAGES.format("Do")
            + "// C.\nservice AService {\n// D.\n"
            + "rpc Do(DoRequest) returns (stream DoRequest);\n}\n",
            8,
            "expected tuco.events.v1.DoResponse",
        ),
        planted("message-comment", "message A {}\n", 1, "message A has no comment"),
        planted(
            "enum-comment",
            "enum A {\n// B.\nA_UNSPECIFIED = 0;\n}\n",
            1,
            "enum A has no comment",
        ),
        planted("service-comment", "service AService {}\n", 1, "has no comment"),
        planted(
            "oneof-comment",
            "// A.\nmessage A {\noneof b {\n// C.\nint32 c = 1;\n}\n}\n",
            3,
            "oneof A.b has no comment",
        ),
        Case(
            "field-comment",
            lambda tree: tree.replace(EVENT, "  // What it said.\n", ""),
            EVENT,
            "field ParentMessage.text has no comment",
        ),
        Case(
            "value-comment",
            lambda tree: tree.replace(EVENT, "  // Never set.\n", ""),
            EVENT,
            "enum value FLAG_UNSPECIFIED has no comment",
        ),
        Case(
            "rpc-comment",
            lambda tree: tree.replace(
                SERVICE,
                "  rpc StreamEvents(",
                "\n  rpc StreamEvents(",
            ),
            SERVICE,
            "rpc EventService.StreamEvents has no comment",
        ),
        planted(
            "message-numbers",
            "// A.\nmessage A {\nreserved 2;\n// B.\nint32 b = 1;\n// C.\n"
            "int32 c = 4;\n}\n",
            2,
            "leaves out 3",
        ),
        planted(
            "enum-numbers",
            "// A.\nenum A {\nreserved 1 to 2;\n// B.\nA_UNSPECIFIED = 0;\n// C.\n"
            "A_C = 4;\n}\n",
            2,
            "leaves out 3",
        ),
        Case(
            "package-folder",
            lambda tree: tree.write(
                "proto/tuco/other/v1/planted.proto",
                FILE.format(package="tuco.another.v1"),
            ),
            "proto/tuco/other/v1/planted.proto:2",
            "expected tuco.other.v1 as its folder",
        ),
        Case(
            "package-version",
            lambda tree: tree.write(
                "proto/tuco/planted.proto", FILE.format(package="tuco")
            ),
            "proto/tuco/planted.proto:2",
            "not versioned",
        ),
        planted(
            "unused-import",
            'import "google/protobuf/any.proto";\n',
            1,
            "google/protobuf/any.proto is unused",
        ),
        planted("syntax", "message {}\n", 1, "Expected message name"),
    ],
)
