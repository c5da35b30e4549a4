"""The official OpenAI library for Python against a running gateway with local/demo.

python openai.py http://127.0.0.1:PORT/v1 TOKEN; ends with 0 when everything is as it should be.
"""

import json
import sys

# This file is called like the library: without its own folder the library is found.
sys.path.pop(0)

from openai import AuthenticationError, BadRequestError, OpenAI

base, token = sys.argv[1:]
client = OpenAI(base_url=base, api_key=token, max_retries=0)
MODEL = "openclaw"
HELLO = [{"role": "user", "content": "hello from python"}]

models = [model.id for model in client.models.list()]
assert models == ["openclaw", "openclaw/default", "openclaw/main"], models
assert client.models.retrieve("openclaw/main").id == "openclaw/main"

plain = client.chat.completions.create(model=MODEL, messages=HELLO)
said = plain.choices[0].message.content
assert said.endswith("You said: hello from python"), said
assert plain.choices[0].finish_reason == "stop"
assert plain.usage.total_tokens == plain.usage.prompt_tokens + plain.usage.completion_tokens > 0

text, finish, usage = "", None, None
stream = client.chat.completions.create(
    model=MODEL, messages=HELLO, stream=True, stream_options={"include_usage": True}
)
for chunk in stream:
    usage = chunk.usage or usage
    for choice in chunk.choices:
        text += choice.delta.content or ""
        finish = choice.finish_reason or finish
assert (text, finish) == (said, "stop"), (text, finish)
assert usage.total_tokens == plain.usage.total_tokens

tools = [{"type": "function", "function": {
    "name": "weather", "description": "The weather of a city.",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
}}]
messages = [{"role": "user", "content": 'run tool weather {"city": "Graz"}'}]
with client.chat.completions.stream(model=MODEL, messages=messages, tools=tools) as events:
    for _ in events:
        pass
    answer = events.get_final_completion().choices[0]
assert answer.finish_reason == "tool_calls", answer
call = answer.message.tool_calls[0]
assert (call.function.name, json.loads(call.function.arguments)) == ("weather", {"city": "Graz"})
messages += [
    answer.message.model_dump(exclude_none=True),
    {"role": "tool", "tool_call_id": call.id, "content": "30 degrees"},
]
report = client.chat.completions.create(model=MODEL, messages=messages, tools=tools)
said = report.choices[0].message.content
assert said.endswith("The tool weather answered:\n30 degrees"), said

for wrong, kind in [
    (lambda: OpenAI(base_url=base, api_key="wrong", max_retries=0).models.list(), AuthenticationError),
    (lambda: client.chat.completions.create(model="gpt-4o", messages=HELLO), BadRequestError),
]:
    try:
        wrong()
    except kind:
        continue
    raise AssertionError(f"no {kind.__name__}")
print("openai-python: models, plain, streamed, tools, refusals")
