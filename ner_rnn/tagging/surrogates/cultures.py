"""Locales and countries of the lists of names -> groups that share their names.

    group_of("de_AT") == group_of("LI") == "german"

Groups are as large as a reader takes one name for like another, so that there are enough names to
draw from. In another script than a group's own, its names are a pool of their own (``lists.py``).
"""

from __future__ import annotations

__all__ = ["ENGLISH", "FAMILY_FIRST", "cultures", "group_of"]

ENGLISH = "english"
"""Group of names of which the lists do not tell more."""
FAMILY_FIRST = frozenset(["chinese", "korean", "japanese", "vietnamese", "hungarian"])
"""Groups in which the family name comes first, at least often."""

_GROUPS = {
    "english": "en en_US en_GB en_NZ US GB CA AU NZ IM JE GG JM GI en_IE IE",
    "gaelic": "ga_IE",
    "german": "de_DE de_AT de_CH de_LI de_LU DE AT CH LI LU",
    "dutch": "nl_NL nl_BE NL SR",
    "french": "fr_FR fr_BE fr_CA fr_CH fr_QC FR BE MC HT",
    "nordic": "da_DK sv_SE no_NO DK SE NO FO GL",
    "finnish": "fi_FI et_EE FI EE",
    "icelandic": "is_IS IS",
    "spanish": "es es_ES es_AR es_CA es_CL es_CO es_MX ES AR MX CL CO CU CR DO GT PE PY SV BO EC PA"
    " UY VE PR GQ AD PH",
    "portuguese": "pt_PT pt_BR PT BR",
    "italian": "it_IT IT SM MT",
    "slavic": "pl_PL cs_CZ sk_SK sl_SI hr_HR PL CZ SK SI HR BA RS ME MK mk_MK",
    "russian": "ru_RU uk_UA bg_BG RU UA BY BG KZ KG",
    "baltic": "lt_LT lv_LV LT LV",
    "romanian": "ro_RO RO MD",
    "hungarian": "hu_HU HU",
    "albanian": "AL XK",
    "greek": "el_GR GR CY",
    "turkish": "tr_TR az_AZ uz_UZ TR AZ",
    "armenian": "hy_AM AM",
    "georgian": "ka_GE GE",
    "hebrew": "he_IL IL",
    "arabic": "ar_AA ar_DZ ar_PS ar_SA fr_DZ SA AE EG IQ JO KW LB LY MA TN DZ",
    "persian": "fa_IR IR",
    "pakistani": "en_PK PK",
    "indian": "en_IN hi_IN gu_IN mr_IN or_IN ta_IN ne_NP IN NP",
    "bengali": "bn_BD BD",
    "sinhalese": "si_LK LK",
    "chinese": "zh_CN zh_TW CN TW",
    "japanese": "ja_JP JP",
    "korean": "ko_KR KR",
    "vietnamese": "vi_VN VN",
    "thai": "th_TH en_TH TH",
    "indonesian": "id_ID MY",
    "ghanaian": "tw_GH",
    "nigerian": "yo_NG ig_NG ha_NG en_NG",
    "kenyan": "en_KE sw",
    "zulu": "zu_ZA",
}
_GROUP_OF = {code: group for group, codes in _GROUPS.items() for code in codes.split()}


def cultures() -> list[str]:
    """List the groups."""
    return list(_GROUPS)


def group_of(code: str) -> str:
    """Return the group of a locale or country; one that is in no group is its own."""
    return _GROUP_OF.get(code, code)
