"""LLM results: protobuf and values, both ways."""

from plimsoll.wire.result_messages import gen_ai_to_proto, result_to_proto
from plimsoll.wire.result_values import gen_ai_from_proto, result_from_proto

__all__ = ["gen_ai_from_proto", "gen_ai_to_proto", "result_from_proto", "result_to_proto"]
