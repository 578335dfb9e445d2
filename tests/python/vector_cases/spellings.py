"""How values are spelt, and what extra_json keeps of it."""

from __future__ import annotations

from .build import flat, placed, reply


def _parents(key: str, *spelt: str) -> str:
    """A list of parents with a value each."""
    return f'"parentMessages":[{",".join(f"{{{key}:{one}}}" for one in spelt)}]'


_TIMES = {
    "times with more and fewer digits": placed(
        {
            "scheduledDate": "2026-04-15T12:00:00.5Z",
            "sentAt": "2026-04-15T12:00:00.120Z",
            "message.deliveredAt": "2026-04-15T12:00:00.000Z",
            "readAt": "2026-04-15T12:00:00.000001Z",
            "createdAt": "2026-04-15T12:00:00.9999999Z",
            "updatedAt": "2026-04-15T12:00:00.100000000Z",
        }
    ),
    "times with offsets": placed(
        {
            "scheduledDate": "2026-04-15T00:30:00+05:30",
            "sentAt": "2026-04-15T23:30:00-08:00",
            "deliveredAt": "2026-04-15T12:00:00-00:00",
            "readAt": "2026-04-15T12:00:00+23:59",
        }
    ),
    "times at the ends": placed(
        {
            "scheduledDate": "0001-01-01T01:00:00+01:00",
            "sentAt": "0000-12-31T23:59:00-00:01",
            "deliveredAt": "9999-12-31T23:59:59.9999999Z",
            "readAt": "2024-02-29T23:59:60Z",
            "createdAt": "1969-12-31T23:59:59.999Z",
        }
    ),
    "times beyond the ends": placed(
        {
            "scheduledDate": "0001-01-01T00:00:00+00:01",
            "sentAt": "9999-12-31T23:59:00-00:01",
            "deliveredAt": "0000-01-01T00:00:00Z",
            "readAt": "9999-12-31T23:59:60Z",
        }
    ),
    "times that are none": placed(
        {
            "scheduledDate": "2026-04-15 12:00:00Z",
            "sentAt": "2026-04-15T12:00:00",
            "deliveredAt": "2026-04-15T12:00Z",
            "readAt": "2026-02-29T12:00:00Z",
            "createdAt": "2026-04-15t12:00:00z",
            "updatedAt": "2026-04-15T24:00:00Z",
            "data.sentAt": "2026-04-15T12:00:00+0200",
            "data.readAt": "2026-04-15T12:00:00.Z",
            "message.sentAt": "2026-04-15T12:00:61Z",
            "message.readAt": "2026-04-15T12:00:00+24:00",
            "message.createdAt": "Wed, 15 Apr 2026 12:00:00 GMT",
        }
    ),
    "a timestamp that is none": '{"event":"message.sent","timestamp":"today"}',
}

_COUNTS = {
    "counts in every spelling": reply(
        _parents(
            '"stepIndex"', "0", "-0", "-0.0e7", "1.0", "1e0", "10e-1", "0.5E+1",
            "9007199254740992", "9007199254740.992e3", "0e99999999999999999999",
        )
    ),
    "counts that are none": reply(
        _parents(
            '"stepIndex"', "-1", "0.5", "1e-1", "9007199254740993",
            "0.99999999999999999999", "1.00000000000000000001", "1e400", "1e-400",
            "18446744073709551616", '"1"', "true", "[1]",
        )
    ),
}  # fmt: skip

_LISTS = {
    "lists that are none": placed(
        {
            "attachmentUrls": ["a", None],
            "data.attachmentUrls": [["a"]],
            "attachmentNames": "a",
            "checkedAddresses": {"0": "a"},
            "recentReplies": [{}, None],
            "parentMessages": {},
        }
    ),
    "lists that agree": flat(
        '"attachmentUrls":["\\u0061","b"],"data":{"attachmentUrls":[ "a", "b" ],'
        '"parentMessages":[{"stepIndex":1,"sentAtUtc":"2026-04-15T12:00:00Z"}]},'
        '"parentMessages":[{"sentAtUtc":"2026-04-15T14:00:00+02:00","stepIndex":1.0}]'
    ),
    "parents with every member": reply(
        '"parentMessages":[{"messageId":"p","message":"a","sentAtUtc":'
        '"2026-04-15T11:00:00Z","batchId":"campaign_c_0","stepIndex":0},{}]'
    ),
    "parents with nulls": reply(
        '"parentMessages":[{"messageId":"p","message":null,"batchId":null}]'
    ),
    "parents with an unknown member": reply(
        '"parentMessages":[{"messageId":"p"},{ "new" : null }]'
    ),
    "parents with a duplicate member": reply(
        '"parentMessages":[{"messageId":"p","messageId":"q"}]'
    ),
    "recent replies": reply(
        '"data":{"reply":{"recentReplies":[{"messageId":"r","message":"a",'
        '"receivedAtUtc":"2026-04-15T11:00:00.250Z"}]}}'
    ),
    "recent replies with the members of parents": reply(
        '"recentReplies":[{"messageId":"r","sentAtUtc":"2026-04-15T11:00:00Z",'
        '"batchId":"b","stepIndex":0}]'
    ),
}

_EXTRA = {
    "unknown numbers as they are spelt": flat(
        '"a":1.0,"b":1e3,"c":-0,"d":1E+2,"e":18446744073709551616,"f":0.1e-400,'
        '"g":[1.50,{"h":10.00}]'
    ),
    "unknown texts as they are spelt": flat(
        '"caf\\u00e9":"\\u00e9\u00e9\\/\\u2028","":"empty","a\\"b":"\\ud83c\\udf89"'
    ),
    "unknown members of every object": flat(
        '"new":1,"data":{"new":2,"reply":{"new":3,"name":"Jane"},"status":"sent"},'
        '"message":{"new":4,"settings":{"a":[]}},"lead":{"new":5,"_id":"l"},'
        '"originalMessage":{"new":null,"message":"a"}'
    ),
    "unknown nulls": flat('"new":null,"data":{"new":null},"campaignId":null'),
    "nesting that nobody knows": flat(
        '"a":[{"b":[{"c":{"messageId":"x"}}]},[[]],{}],"data":{"lead":{"_id":"l"}}'
    ),
    "blanks": ' { "event" : "message.sent" , "data" : { "messageId" : "m_1" , '
    '"new" : [ 1 ,\n{ "a" :\t2 } ] , "x" : 3 } } ',
    "empty objects": flat('"data":{"reply":{}},"message":{},"lead":{},"new":{}'),
    "objects of another type": flat(
        '"data":[1],"message":7,"lead":"Jane","originalMessage":true'
    ),
    "known keys that are escaped": flat(
        '"\\u006dessageId":"m_1","d\\u0061ta":{"st\\u0061tus":7,"new":1}'
    ),
    "known keys at other places": flat(
        '"_id":"x","data":{"_id":"x","phone":"+1"},"lead":{"leadId":"x"},'
        '"message":{"phone":"+1"},"originalMessage":{"messageId":"x"}'
    ),
    "keys of JavaScript's objects": flat(
        '"__proto__":{"messageId":"x"},"constructor":1,"2":"b","1":"a"'
    ),
    "duplicates of unknown members": flat('"a":1,"b":2,"a":3,"\\u0062":4'),
    "duplicates inside of an unknown value": flat('"a":{"b":1,"b":2}'),
    "members that say the same": flat(
        '"messageId":"m_\\u0031","data":{"messageId":"m_1","stepIndex":2.0,'
        '"sentAt":"2026-04-15T14:00:00+02:00","sendFallbackSmsOnFailed":true},'
        '"stepIndex":2,"sentAt":"2026-04-15T12:00:00.000Z",'
        '"sendFallbackSmsOnFailed":true'
    ),
    "a repeated id": reply('"messageId":"m_1","data":{"reply":{"messageId":"m_1"}}'),
    "a repeated id that differs": reply(
        '"messageId":"m_1","data":{"reply":{"messageId":"m_2"}}'
    ),
    "a repeated id without an id": reply('"data":{"reply":{"messageId":"m_1"}}'),
    "a repeated id that is null": reply('"data":{"reply":{"messageId":null}}'),
}

CASES: dict[str, bytes | str] = {**_TIMES, **_COUNTS, **_LISTS, **_EXTRA}
