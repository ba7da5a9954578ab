"""Names of companies: without their legal forms, with what is abbreviated written alike."""

from __future__ import annotations

import re
from functools import lru_cache

from crmcli.values.base import words
from crmcli.values.text import match_key

# What follows a name and says how the company is organised, not what it is called; after
# `match_key`, so that S.A. is "s a". Sources: the forms listed as ISO 20275 entity legal forms.
_FORMS = words("""
    ab ab publ ag aktiengesellschaft aktiebolag as asa aps bv bvba cc co company corp
    corporation cv dba doo eg ek ehf ev gbr gmbh gesellschaft haftung beschrankter mbh ggmbh ug
    haftungsbeschrankt inc incorporated inh jsc kft kg kgaa kk ks lda ltda limitada limited llc llp
    lp ltd ltee nv oao ohg ooo oy oyj ou pjsc plc pllc pte pty pvt private public proprietary pc
    sa sarl sas sasu scop se sl slu snc spa srl sro sp zoo zrt zao publ eurl sicav sapi cia
    aktieselskab anpartsselskab partg holding holdings group
    """)
_SPACED = re.compile(r"\b(?:[a-z] ){1,5}[a-z]\b")
_JOINED = re.compile(r"\b(?<=\w)&(?=\w)")
_SHORT = {
    "intl": "international", "int": "international", "natl": "national", "assoc": "association",
    "assn": "association", "bros": "brothers", "mfg": "manufacturing", "svc": "services",
    "svcs": "services", "service": "services", "tech": "technologies", "technology": "technologies",
    "univ": "university", "inst": "institute", "dept": "department", "govt": "government",
    "mgmt": "management", "eng": "engineering", "sys": "systems", "system": "systems",
    "lab": "laboratories", "labs": "laboratories", "laboratory": "laboratories",
    "ctr": "center", "centre": "center", "st": "saint", "mt": "mount", "ind": "industries",
    "industry": "industries", "sol": "solutions", "solution": "solutions", "bldg": "building",
    "hosp": "hospital", "fin": "financial", "&": "and", "und": "and",
    "restaurante": "restaurant", "dev": "development", "comm": "communications",
    "communication": "communications", "telecom": "telecommunications", "pharma":
    "pharmaceuticals", "pharmaceutical": "pharmaceuticals",
}  # fmt: skip
_FILL = words("the and of for der die das la le les los de del des du di da und et y e")


@lru_cache(maxsize=200_000)
def core_name(text: str) -> str:
    """The name that tells a company from others: "The Acme Labs, Inc." is "acme laboratories".

    Where nothing would be left ("Company Ltd"), the name stays as it is.
    """
    key = match_key(_JOINED.sub("", text).replace("&", " and ").replace("+", " and "))
    together = _SPACED.sub(lambda match: match[0].replace(" ", ""), key).split()
    kept = [_SHORT.get(word, word) for word in together]
    kept = [word for word in kept if word not in ("the", "and")]
    while len(kept) > 1 and kept[-1] in _FORMS:
        kept.pop()
    return " ".join(kept) or key


def beginning(key: str) -> str:
    """The first word of the `sort_key` of a name, and the second where it tells: a quick key that
    names with one `core_name` share, but for those whose first words are written otherwise."""
    first, _, rest = key.partition(" ")
    second = rest.partition(" ")[0].strip(".,")
    second = _SHORT.get(second, second)
    first = first.rstrip(".,")
    return first if not second or second in _FORMS or second == "and" else f"{first} {second}"


def acronym(core: str) -> str:
    """The first letters of a `core_name` of several words; "" for one word."""
    main = [word for word in core.split() if word not in _FILL]
    return "".join(word[0] for word in main) if len(main) > 1 else ""
