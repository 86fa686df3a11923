"""What Discord refuses in components, of messages and of modals: https://discord.com/developers/docs/components/reference."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from urllib.parse import urlsplit

from tests.standins.discord.problems import Path, Problem, length, number, optional, required
from tests.standins.discord.world import Json

ROW, BUTTON, STRING_SELECT, TEXT_INPUT, SECTION, TEXT_DISPLAY, THUMBNAIL = 1, 2, 3, 4, 9, 10, 11
GALLERY, FILE, SEPARATOR, CONTAINER, LABEL, FILE_UPLOAD, RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX = 12, 13, 14, 17, 18, 19, 21, 22, 23
USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT = 5, 6, 7, 8
SELECTS = (STRING_SELECT, USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT)

IN_CONTAINER = (ROW, TEXT_DISPLAY, SECTION, GALLERY, SEPARATOR, FILE)
IN_MESSAGE = (*IN_CONTAINER, CONTAINER)
IN_LABEL = (TEXT_INPUT, *SELECTS, FILE_UPLOAD, RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX)
IN_MODAL = (ROW, TEXT_DISPLAY, LABEL)
CHILDREN = {CONTAINER: IN_CONTAINER, SECTION: (TEXT_DISPLAY,), ROW: (BUTTON, *SELECTS)}

MAX_COMPONENTS, MAX_ROWS, MAX_TEXT = 40, 5, 4_000
MAX_ID, MAX_BUTTON, MAX_LINK, MAX_OPTIONS, MAX_OPTION, MAX_PLACEHOLDER = 100, 80, 512, 25, 100, 150


def component_problems(components: Sequence[Json], *, is_v2: bool, files: Collection[str]) -> Iterator[Problem]:
    """Those of a message's components."""
    path: Path = ("components",)
    if not is_v2 and len(components) > MAX_ROWS:
        yield Problem(path, "components", f"Must be {MAX_ROWS} or fewer in length.")
    every = list(walk(components))
    if len(every) > MAX_COMPONENTS:
        yield Problem(path, "components", f"The total number of components is {len(every)}, more than {MAX_COMPONENTS}.")
    if (count := len(text_of_components(components))) > MAX_TEXT:
        yield Problem(path, "text", f"The text of all components has {count} characters, more than {MAX_TEXT}.")
    yield from _unique(every)
    for place, one in enumerate(components):
        yield from _placed(one, IN_MESSAGE if is_v2 else (ROW,), (*path, place))
        yield from _checked(one, files, (*path, place))


def modal_problems(modal: Json) -> Iterator[Problem]:
    yield from length(modal.get("title"), 1, 45, ("title",))
    yield from length(modal.get("custom_id"), 1, MAX_ID, ("custom_id",))
    components = modal.get("components") or []
    if not 1 <= len(components) <= 5:
        yield Problem(("components",), "modal", f"Must be between 1 and 5 in length, and is {len(components)}.")
    yield from _unique(list(walk(components)))
    for place, one in enumerate(components):
        path: Path = ("components", place)
        yield from _placed(one, IN_MODAL, path)
        if one.get("type") == ROW:
            yield from _row_of_modal(one, path)
        elif one.get("type") == LABEL:
            yield from length(one.get("label"), 1, 45, (*path, "label"))
            yield from optional(one, "description", 100, path)
            yield from _placed(one.get("component") or {}, IN_LABEL, (*path, "component"))
            yield from _checked(one.get("component") or {}, (), (*path, "component"), in_modal=True)
        else:
            yield from _checked(one, (), path)


def _row_of_modal(row: Json, path: Path) -> Iterator[Problem]:
    inputs = row.get("components") or []
    if len(inputs) != 1:
        yield Problem(path, "nesting", "a row of a modal holds one text input")
    for one in inputs:
        yield from _placed(one, (TEXT_INPUT,), (*path, "components", 0))
        yield from length(one.get("label"), 1, 45, (*path, "components", 0, "label"))
        yield from _text_input(one, (), (*path, "components", 0))


def walk(components: Sequence[Json]) -> Iterator[Json]:
    """Every component, each before those within it."""
    for one in components:
        yield one
        yield from walk(one.get("components") or [])
        yield from walk([one[key] for key in ("accessory", "component") if isinstance(one.get(key), dict)])


def text_of_components(components: Sequence[Json]) -> str:
    return "".join(str(one.get("content") or "") for one in walk(components) if one.get("type") == TEXT_DISPLAY)


def _unique(every: Sequence[Json]) -> Iterator[Problem]:
    for key in ("custom_id", "id"):
        given = [one[key] for one in every if one.get(key)]
        for value in sorted({str(one) for one in given if given.count(one) > 1}):
            yield Problem(("components",), "unique", f"Component {key} cannot be duplicated: {value}")


def _placed(one: Json, allowed: Collection[int], path: Path) -> Iterator[Problem]:
    if one.get("type") not in allowed:
        yield Problem(
            (*path, "type"), "nesting", f'Value of field "type" must be one of {tuple(sorted(allowed))}, and is {one.get("type")!r}.'
        )


def _checked(one: Json, files: Collection[str], path: Path, *, in_modal: bool = False) -> Iterator[Problem]:
    """The problems of one component and of those within it."""
    if in_modal and one.get("disabled"):
        yield Problem((*path, "disabled"), "modal", "modals cannot have disabled components")
    if in_modal and one.get("required", True) and one.get("min_values") == 0:
        yield Problem((*path, "min_values"), "modal", "must be at least 1 where the component is required")
    if check := _CHECKS.get(one.get("type", 0)):
        yield from check(one, files, path)
    for place, child in enumerate(one.get("components") or []):
        yield from _placed(child, CHILDREN.get(one.get("type", 0), ()), (*path, "components", place))
        yield from _checked(child, files, (*path, "components", place))


def _row(one: Json, _: Collection[str], path: Path) -> Iterator[Problem]:
    children = one.get("components") or []
    alone = any(child.get("type") in SELECTS for child in children)
    if not 1 <= len(children) <= (1 if alone else 5):
        yield Problem((*path, "components"), "nesting", "a row holds one to five buttons, or one select")


def _button(one: Json, _: Collection[str], path: Path) -> Iterator[Problem]:
    style = one.get("style")
    yield from number(style, 1, 6, (*path, "style"))
    yield from optional(one, "label", MAX_BUTTON, path)
    if style == 6:
        yield from required(one, "sku_id", path)
        return
    wanted, unwanted = ("url", "custom_id") if style == 5 else ("custom_id", "url")
    yield from required(one, wanted, path)
    if one.get(unwanted):
        yield Problem((*path, unwanted), "button", f"a button of style {style} has no {unwanted}")
    yield from optional(one, "custom_id", MAX_ID, path)
    if one.get("url"):
        yield from length(one["url"], 1, MAX_LINK, (*path, "url"))
        yield from _link(one["url"], ("http", "https", "discord"), (*path, "url"))
    if not one.get("label") and not one.get("emoji"):
        yield Problem(path, "button", "a button needs a label or an emoji")


def _select(one: Json, _: Collection[str], path: Path) -> Iterator[Problem]:
    yield from length(one.get("custom_id"), 1, MAX_ID, (*path, "custom_id"))
    yield from optional(one, "placeholder", MAX_PLACEHOLDER, path)
    yield from _range(one, 25, path)


def _string_select(one: Json, files: Collection[str], path: Path) -> Iterator[Problem]:
    yield from _select(one, files, path)
    yield from _options(one, 1, MAX_OPTIONS, path)


def _options(one: Json, least: int, most: int, path: Path) -> Iterator[Problem]:
    options = one.get("options") or []
    if not least <= len(options) <= most:
        yield Problem((*path, "options"), "options", f"Must be between {least} and {most} in length, and is {len(options)}.")
    for place, option in enumerate(options):
        for key in ("label", "value"):
            yield from length(option.get(key), 1, MAX_OPTION, (*path, "options", place, key))
        yield from optional(option, "description", MAX_OPTION, (*path, "options", place))
    values = [option.get("value") for option in options]
    if len(set(values)) < len(values):
        yield Problem((*path, "options"), "unique", "The specified option value is already used")
    most_chosen = one.get("max_values") or 1
    if most_chosen > max(len(options), 1):
        yield Problem((*path, "max_values"), "options", f"{most_chosen} of {len(options)} options cannot be chosen")
    if sum(bool(option.get("default")) for option in options) > most_chosen:
        yield Problem((*path, "options"), "options", "more defaults than may be chosen")


def _range(one: Json, most: int, path: Path) -> Iterator[Problem]:
    least, highest = one.get("min_values", 1), one.get("max_values", 1)
    yield from number(least, 0, most, (*path, "min_values"))
    yield from number(highest, 1, most, (*path, "max_values"))
    if isinstance(least, int) and isinstance(highest, int) and least > highest:
        yield Problem((*path, "min_values"), "number", "min_values is above max_values")


def _text_input(one: Json, _: Collection[str], path: Path) -> Iterator[Problem]:
    yield from length(one.get("custom_id"), 1, MAX_ID, (*path, "custom_id"))
    yield from number(one.get("style"), 1, 2, (*path, "style"))
    yield from optional(one, "placeholder", 100, path)
    least, most = one.get("min_length"), one.get("max_length")
    if least is not None:
        yield from number(least, 0, 4_000, (*path, "min_length"))
    if most is not None:
        yield from number(most, max(least or 1, 1), 4_000, (*path, "max_length"))
    if one.get("value"):
        yield from length(one["value"], least or 0, most or 4_000, (*path, "value"))


def _section(one: Json, files: Collection[str], path: Path) -> Iterator[Problem]:
    if not 1 <= len(one.get("components") or []) <= 3:
        yield Problem((*path, "components"), "nesting", "a section holds one to three texts")
    accessory = one.get("accessory") or {}
    yield from _placed(accessory, (BUTTON, THUMBNAIL), (*path, "accessory"))
    yield from _checked(accessory, files, (*path, "accessory"))


def _text_display(one: Json, _: Collection[str], path: Path) -> Iterator[Problem]:
    yield from length(one.get("content"), 1, MAX_TEXT, (*path, "content"))


def _container(one: Json, _: Collection[str], path: Path) -> Iterator[Problem]:
    if not one.get("components"):
        yield Problem((*path, "components"), "nesting", "a container holds at least one component")
    if one.get("accent_color") is not None:
        yield from number(one["accent_color"], 0, 0xFFFFFF, (*path, "accent_color"))


def _gallery(one: Json, files: Collection[str], path: Path) -> Iterator[Problem]:
    items = one.get("items") or []
    if not 1 <= len(items) <= 10:
        yield Problem((*path, "items"), "media", f"Must be between 1 and 10 in length, and is {len(items)}.")
    for place, item in enumerate(items):
        yield from _thumbnail(item, files, (*path, "items", place))


def _thumbnail(one: Json, files: Collection[str], path: Path) -> Iterator[Problem]:
    yield from optional(one, "description", 1024, path)
    yield from _media(one.get("media") or {}, files, ("http", "https", "attachment"), (*path, "media"))


def _file(one: Json, files: Collection[str], path: Path) -> Iterator[Problem]:
    # what is sent back unchanged at an edit has become a link to the file meanwhile
    yield from _media(
        one.get("file") or {}, files, ("attachment", "http", "https") if one.get("name") else ("attachment",), (*path, "file")
    )


def _media(media: Json, files: Collection[str], schemes: Collection[str], path: Path) -> Iterator[Problem]:
    url = media.get("url") or ""
    yield from length(url, 1, 2048, (*path, "url"))
    yield from _link(url, schemes, (*path, "url"))
    if url.startswith("attachment://") and url.removeprefix("attachment://") not in files:
        yield Problem((*path, "url"), "files", f"Referenced attachment not found: {url}")


def _link(url: str, schemes: Collection[str], path: Path) -> Iterator[Problem]:
    if urlsplit(url).scheme not in schemes:
        yield Problem(path, "url", f"Scheme {urlsplit(url).scheme!r} is not supported. Scheme must be one of {tuple(schemes)}.")


def _separator(one: Json, _: Collection[str], path: Path) -> Iterator[Problem]:
    yield from number(one.get("spacing", 1), 1, 2, (*path, "spacing"))


def _group(one: Json, _: Collection[str], path: Path) -> Iterator[Problem]:
    yield from length(one.get("custom_id"), 1, MAX_ID, (*path, "custom_id"))
    radio = one.get("type") == RADIO_GROUP
    yield from _options(one, 2 if radio else 1, 10, path)
    if not radio:
        yield from _range({"min_values": 0, **one}, 10, path)


def _named(one: Json, _: Collection[str], path: Path) -> Iterator[Problem]:
    yield from length(one.get("custom_id"), 1, MAX_ID, (*path, "custom_id"))


_CHECKS: dict[int, Callable[[Json, Collection[str], Path], Iterator[Problem]]] = {
    ROW: _row, BUTTON: _button, STRING_SELECT: _string_select, TEXT_INPUT: _text_input, USER_SELECT: _select, ROLE_SELECT: _select,
    MENTIONABLE_SELECT: _select, CHANNEL_SELECT: _select, SECTION: _section, TEXT_DISPLAY: _text_display, THUMBNAIL: _thumbnail,
    GALLERY: _gallery, FILE: _file, SEPARATOR: _separator, CONTAINER: _container, FILE_UPLOAD: _named, RADIO_GROUP: _group,
    CHECKBOX_GROUP: _group, CHECKBOX: _named,
}  # fmt: skip
