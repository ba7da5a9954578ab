"""One function per use case: plain values in, a frozen result out.

An action neither prints nor prompts, and reads neither the clock nor the environment: all that
comes in through its `Context`.
"""
