"""A model behind an OpenAI-compatible server."""

from __future__ import annotations

import http.client
import json
import os
import urllib.error
import urllib.request
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from time import sleep
from typing import Any

from esreason.core.errors import ModelError
from esreason.engines.base import Completion, Request
from esreason.es.noise import Member

_TRIES = 5
_TIMEOUT = 120.0
_CONCURRENT = 16
_LARGEST = 32 * 2**20
_LONGEST_WAIT = 60.0


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer like any other refusal: followed, it would carry the key to wherever it points."""

    def redirect_request(self, *_: Any) -> None:
        return None


_open = urllib.request.build_opener(_NoRedirect).open


class Endpoint:
    """The asking half of `Engine` over HTTP: chats go to /chat/completions, texts to /completions.

    Time-outs, refused connections, 429 and 5xx are tried again, a bounded number of times, after Retry-After or a
    doubling wait; anything else ends with one sentence. The key comes from OPENAI_API_KEY alone and is never shown.
    """

    capacity = 1
    chat = True
    context = 2**31

    def __init__(self, url: str, model: str | None = None, tries: int = _TRIES, timeout: float = _TIMEOUT) -> None:
        self._url, self._tries, self._timeout = url.rstrip("/"), tries, timeout
        self._key = os.environ.get("OPENAI_API_KEY", "")
        self.model = model or self._only_model()

    def load(self, members: Sequence[Member], episodes: int) -> None:
        """An endpoint has one member, the model as it is."""
        if any(member.seed for member in members):
            raise ModelError("An endpoint cannot be perturbed; use --engine torch or vllm.")

    def generate(self, requests: Sequence[Request]) -> list[Completion]:
        """One completion a request, in order; several are under way at once."""
        with ThreadPoolExecutor(min(_CONCURRENT, len(requests) or 1)) as pool:
            return list(pool.map(self._complete, requests))

    def _complete(self, request: Request) -> Completion:
        sampling = request.sampling
        body: dict[str, Any] = {
            "model": self.model,
            "max_tokens": sampling.max_tokens,
            "temperature": sampling.temperature,
            "seed": sampling.seed,
        }
        if sampling.stop:
            body["stop"] = [sampling.stop]
        if isinstance(request.prompt, str):
            answer = self._ask("/completions", {**body, "prompt": request.prompt})
        else:
            messages = [{"role": message.role, "content": message.content} for message in request.prompt]
            answer = self._ask("/chat/completions", {**body, "messages": messages})
        try:
            choice = answer["choices"][0]
            text = choice["text"] if isinstance(request.prompt, str) else choice["message"]["content"] or ""
            usage = answer.get("usage") or {}
            counts = [int(usage.get(name) or 0) for name in ("prompt_tokens", "completion_tokens")]
            if not isinstance(text, str):
                raise TypeError
        except (KeyError, IndexError, TypeError, ValueError, AttributeError):
            raise ModelError(f"{self._url} answered without a completion: is it an OpenAI-compatible server?") from None
        finish = "length" if choice.get("finish_reason") == "length" else "stop"
        return Completion(text, counts[0], counts[1], finish)  # type: ignore[arg-type]

    def _only_model(self) -> str:
        listed = self._ask("/models", None)
        try:
            names = [str(entry["id"]) for entry in listed["data"]]
        except (KeyError, TypeError):
            raise ModelError(f"{self._url}/models lists no models; name one with --policy-model.") from None
        if len(names) != 1:
            raise ModelError(f"{self._url} serves {len(names)} models; name one with --policy-model.")
        return names[0]

    def _ask(self, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
        problem = ""
        for attempt in range(self._tries):
            wait = min(_LONGEST_WAIT, 0.5 * 2.0**attempt)
            try:
                return self._once(path, body)
            except urllib.error.HTTPError as error:
                error.close()  # it holds the connection
                if error.code != 429 and error.code < 500:
                    raise ModelError(
                        f"{self._url}{path} refused the request: HTTP {error.code} {error.reason}."
                    ) from None
                problem = f"HTTP {error.code}"
                wait = _retry_after(error.headers.get("Retry-After"), wait)
            except (urllib.error.URLError, TimeoutError, ConnectionError, http.client.HTTPException) as error:
                problem = str(getattr(error, "reason", error)) or type(error).__name__
            except ValueError:
                problem = "an answer that is not JSON"
            if attempt + 1 < self._tries:
                sleep(wait)
        raise ModelError(f"{self._url}{path} failed {self._tries} times, at last with: {problem}.")

    def _once(self, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {self._key}"} if self._key else {})
        data = None if body is None else json.dumps(body).encode()
        try:
            request = urllib.request.Request(self._url + path, data=data, headers=headers)
            if not request.host:
                raise ValueError
        except ValueError:
            raise ModelError(f"{self._url} is no URL such as http://localhost:8000/v1.") from None
        with _open(request, timeout=self._timeout) as reply:
            text = reply.read(_LARGEST + 1)
        if len(text) > _LARGEST:
            raise ModelError(f"{self._url}{path} answered with more than {_LARGEST} bytes.")
        try:
            answer = json.loads(text)
        except RecursionError:
            raise ValueError("nested too deep") from None
        if not isinstance(answer, dict):
            raise ValueError("not an object")
        return answer


def _retry_after(header: str | None, otherwise: float) -> float:
    if header and header.strip().isdecimal() and header.isascii():
        return min(_LONGEST_WAIT, float(header))
    return otherwise
