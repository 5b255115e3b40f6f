"""Where a served model is: `<base url>#<model>`, taken apart and checked."""

from dataclasses import dataclass
from ipaddress import ip_address

from httpx2 import URL, InvalidURL

from venuefinder.errors import ConfigurationError

EXPECTED = "expected openai:<base url>#<model>, such as openai:http://127.0.0.1:8000/v1#Qwen/Qwen2.5-VL-7B-Instruct"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedModel:
    """A model behind an OpenAI-compatible server."""

    url: str
    """Where chats are posted."""
    host: str
    """`host:port`, all that messages say of the address."""
    model: str
    """As the server knows it."""

    @property
    def shown(self) -> str:
        """The model's name for people: of a path only its last part, since servers may name models by theirs."""
        is_path = self.model.startswith(("/", ".", "~")) or "\\" in self.model
        return self.model.replace("\\", "/").rstrip("/").rpartition("/")[2] if is_path else self.model


def served_model(text: str, *, has_key: bool) -> ServedModel:
    """Take `<base url>#<model>` apart; raises ConfigurationError, which never repeats what may hold a password."""
    address, _, model = text.partition("#")
    try:
        url = URL(address.strip())
    except InvalidURL as error:
        raise ConfigurationError(f"VENUEFINDER_VLM: no URL after openai: ({error}); {EXPECTED}") from None
    if url.scheme not in ("http", "https") or not url.host:
        raise ConfigurationError(f"VENUEFINDER_VLM: found no http or https address after openai:, {EXPECTED}")
    if url.port is not None and not 1 <= url.port <= 65535:
        raise ConfigurationError(f"VENUEFINDER_VLM: found the port {url.port}, expected 1 to 65535")
    if url.userinfo:
        raise ConfigurationError("VENUEFINDER_VLM: found a password in the address; give it as VENUEFINDER_VLM_API_KEY")
    if url.query:
        raise ConfigurationError(f"VENUEFINDER_VLM: found a query (?…) in the address, {EXPECTED}")
    if not model.strip() or not model.isprintable():
        raise ConfigurationError(f"VENUEFINDER_VLM: found no model after the address of {url.host}, {EXPECTED}")
    if has_key and url.scheme == "http" and not _is_near(url.host):
        raise ConfigurationError(
            f"VENUEFINDER_VLM: the key would travel unencrypted to {url.host}; use https, or leave "
            "VENUEFINDER_VLM_API_KEY empty"
        )
    return ServedModel(url=f"{str(url).rstrip('/')}/chat/completions", host=url.netloc.decode(), model=model.strip())


def _is_near(host: str) -> bool:
    """Tell whether a host is this machine or of its own network: a private address, or a name without a domain."""
    try:
        address = ip_address(host)
    except ValueError:
        return "." not in host or host.endswith((".localhost", ".local", ".internal"))
    return address.is_loopback or (address.is_private and not address.is_unspecified)
