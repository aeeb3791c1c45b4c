"""Chat completions as ACE-Step's server has them: words in, music out, for clients of OpenAI's interface.

`body` to `song` read a request, and `content` to `errors` write answers, without I/O; `making` runs the jobs.
"""

from bandmate_server.compat.chat.routes import chat_routes, refusal_answer

__all__ = ["chat_routes", "refusal_answer"]
