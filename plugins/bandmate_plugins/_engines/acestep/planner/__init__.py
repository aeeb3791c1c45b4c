"""ACE-Step's planner, a language model that plans a piece before it is rendered.

`fields` and `prompts` are what it reads and writes, `vocabulary` its tokens. `grammar` says which tokens may come
next, without a network; `decoding` lets a network choose among them. `planning` and `writing` use both.
"""
