"""Whether a newer schema of an event may bear the same version: only optional members are added."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

SAYING: Final = frozenset({"description", "examples", "default", "$id", "$schema", "$defs"})
"""What does not bind anybody."""

Schema = Mapping[str, Any]


def violations(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """What of a release's events, by type `{audience, key, schema}`, was broken since; none for types that are new."""
    found = []
    for type, was in sorted(old.items()):
        now = new.get(type)
        if now is None:
            found.append(f"{type}: removed")
            continue
        found += [f"{type}: {name} is another" for name in ("audience", "key") if was[name] != now[name]]
        found += [f"{type}: {line}" for line in _broken(was["schema"], now["schema"], "")]
    return found


def _broken(old: Schema, new: Schema, path: str) -> Iterator[str]:
    yield from _walk(old, new, old.get("$defs", {}), new.get("$defs", {}), path)


def _walk(old: Any, new: Any, was: Schema, now: Schema, path: str) -> Iterator[str]:
    """Compare two schemas, parts looked up in `was` and `now`."""
    old, new = _resolved(old, was), _resolved(new, now)
    if not isinstance(old, Mapping) or not isinstance(new, Mapping):
        if old != new:
            yield f"{path or 'it'} was {old} and is {new}"
        return
    here = path or "it"
    if _is_map(old) and "properties" in new:  # members that could be anything of a kind are now named one by one
        for name, member in new["properties"].items():
            if isinstance(old["additionalProperties"], Mapping):
                yield from _walk(old["additionalProperties"], member, was, now, f"{path}.{name}" if path else name)
        return
    for name in sorted((set(old) | set(new)) - SAYING):
        if name == "properties":
            yield from _members(old, new, was, now, path)
        elif name == "required":
            continue  # compared with the members
        elif name not in old or name not in new:
            yield f"{here} has {'lost' if name in old else 'got'} {name}"
        elif isinstance(old[name], list) and isinstance(new[name], list) and len(old[name]) == len(new[name]):
            for one, other in zip(old[name], new[name], strict=True):
                yield from _walk(one, other, was, now, path)
        else:
            yield from _walk(old[name], new[name], was, now, path)


def _is_map(schema: Schema) -> bool:
    return bool(schema.get("additionalProperties")) and "properties" not in schema


def _members(old: Schema, new: Schema, was: Schema, now: Schema, path: str) -> Iterator[str]:
    before, after = old.get("properties", {}), new.get("properties", {})
    needed, need = set(old.get("required", ())), set(new.get("required", ()))
    for name in sorted(set(before) | set(after)):
        place = f"{path}.{name}" if path else name
        if name not in after:
            yield f"{place} was removed"
        elif name not in before:
            if name in need:
                yield f"{place} was added and is required"
        else:
            if (name in needed) != (name in need):
                yield f"{place} is {'now' if name in need else 'no longer'} required"
            yield from _walk(before[name], after[name], was, now, place)


def _resolved(schema: Any, parts: Schema) -> Any:
    if isinstance(schema, Mapping) and "$ref" in schema:
        said = {name: value for name, value in schema.items() if name != "$ref"}
        return parts[schema["$ref"].rpartition("/")[2]] | said
    return schema
