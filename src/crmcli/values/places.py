"""Where people are: countries, postcodes, languages and time zones.

Countries and languages are stored as their ISO codes when they are recognised, by code or by name
in English or in their own language, and as typed otherwise: an address may name a place that no
list has.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from crmcli.errors import InvalidValue
from crmcli.values.base import Env, Kind, quote
from crmcli.values.text import check_text, close_matches, fold, match_key

if TYPE_CHECKING:
    from collections.abc import Sequence

# ISO 3166: alpha-2, alpha-3, then the names, the one that is shown first.
_COUNTRIES = """
AD AND Andorra
AE ARE United Arab Emirates|UAE|الإمارات
AF AFG Afghanistan
AG ATG Antigua and Barbuda
AI AIA Anguilla
AL ALB Albania|Shqipëria
AM ARM Armenia|Հայաստան
AO AGO Angola
AQ ATA Antarctica
AR ARG Argentina
AS ASM American Samoa
AT AUT Austria|Österreich
AU AUS Australia
AW ABW Aruba
AX ALA Åland Islands
AZ AZE Azerbaijan|Azərbaycan
BA BIH Bosnia and Herzegovina|Bosnia|Bosna i Hercegovina
BB BRB Barbados
BD BGD Bangladesh|বাংলাদেশ
BE BEL Belgium|België|Belgique|Belgien
BF BFA Burkina Faso
BG BGR Bulgaria|България
BH BHR Bahrain
BI BDI Burundi
BJ BEN Benin|Bénin
BL BLM Saint Barthélemy
BM BMU Bermuda
BN BRN Brunei|Brunei Darussalam
BO BOL Bolivia
BQ BES Caribbean Netherlands|Bonaire, Sint Eustatius and Saba
BR BRA Brazil|Brasil
BS BHS Bahamas|The Bahamas
BT BTN Bhutan
BV BVT Bouvet Island
BW BWA Botswana
BY BLR Belarus|Беларусь
BZ BLZ Belize
CA CAN Canada
CC CCK Cocos (Keeling) Islands|Cocos Islands
CD COD DR Congo|Democratic Republic of the Congo|Congo-Kinshasa
CF CAF Central African Republic
CG COG Congo|Republic of the Congo|Congo-Brazzaville
CH CHE Switzerland|Schweiz|Suisse|Svizzera|Svizra
CI CIV Côte d'Ivoire|Ivory Coast
CK COK Cook Islands
CL CHL Chile
CM CMR Cameroon|Cameroun
CN CHN China|People's Republic of China|中国
CO COL Colombia
CR CRI Costa Rica
CU CUB Cuba
CV CPV Cape Verde|Cabo Verde
CW CUW Curaçao
CX CXR Christmas Island
CY CYP Cyprus|Κύπρος
CZ CZE Czechia|Czech Republic|Česko|Česká republika
DE DEU Germany|Deutschland|Federal Republic of Germany|Allemagne
DJ DJI Djibouti
DK DNK Denmark|Danmark
DM DMA Dominica
DO DOM Dominican Republic|República Dominicana
DZ DZA Algeria|Algérie|الجزائر
EC ECU Ecuador
EE EST Estonia|Eesti
EG EGY Egypt|مصر
EH ESH Western Sahara
ER ERI Eritrea
ES ESP Spain|España|Espagne|Spanien
ET ETH Ethiopia
FI FIN Finland|Suomi
FJ FJI Fiji
FK FLK Falkland Islands
FM FSM Micronesia|Federated States of Micronesia
FO FRO Faroe Islands|Føroyar
FR FRA France|Frankreich
GA GAB Gabon
GB GBR United Kingdom|UK|U.K.|Great Britain|Britain|England|Scotland|Wales|Northern Ireland
GD GRD Grenada
GE GEO Georgia|საქართველო
GF GUF French Guiana|Guyane
GG GGY Guernsey
GH GHA Ghana
GI GIB Gibraltar
GL GRL Greenland|Kalaallit Nunaat
GM GMB Gambia|The Gambia
GN GIN Guinea|Guinée
GP GLP Guadeloupe
GQ GNQ Equatorial Guinea
GR GRC Greece|Ελλάδα|Hellas
GS SGS South Georgia and the South Sandwich Islands
GT GTM Guatemala
GU GUM Guam
GW GNB Guinea-Bissau
GY GUY Guyana
HK HKG Hong Kong|香港
HM HMD Heard Island and McDonald Islands
HN HND Honduras
HR HRV Croatia|Hrvatska
HT HTI Haiti|Haïti
HU HUN Hungary|Magyarország
ID IDN Indonesia
IE IRL Ireland|Éire|Republic of Ireland
IL ISR Israel|ישראל
IM IMN Isle of Man
IN IND India|भारत|Bharat
IO IOT British Indian Ocean Territory
IQ IRQ Iraq|العراق
IR IRN Iran|Islamic Republic of Iran|ایران
IS ISL Iceland|Ísland
IT ITA Italy|Italia|Italien|Italie
JE JEY Jersey
JM JAM Jamaica
JO JOR Jordan|الأردن
JP JPN Japan|日本|Nippon
KE KEN Kenya
KG KGZ Kyrgyzstan|Kyrgyz Republic|Кыргызстан
KH KHM Cambodia
KI KIR Kiribati
KM COM Comoros
KN KNA Saint Kitts and Nevis
KP PRK North Korea|Democratic People's Republic of Korea
KR KOR South Korea|Korea|Republic of Korea|대한민국|한국
KW KWT Kuwait|الكويت
KY CYM Cayman Islands
KZ KAZ Kazakhstan|Қазақстан|Казахстан
LA LAO Laos|Lao People's Democratic Republic
LB LBN Lebanon|Liban|لبنان
LC LCA Saint Lucia
LI LIE Liechtenstein
LK LKA Sri Lanka
LR LBR Liberia
LS LSO Lesotho
LT LTU Lithuania|Lietuva
LU LUX Luxembourg|Lëtzebuerg|Luxemburg
LV LVA Latvia|Latvija
LY LBY Libya|Libyan Arab Jamahiriya
MA MAR Morocco|Maroc|المغرب
MC MCO Monaco
MD MDA Moldova|Republic of Moldova
ME MNE Montenegro|Crna Gora
MF MAF Saint Martin
MG MDG Madagascar
MH MHL Marshall Islands
MK MKD North Macedonia|Macedonia|Македонија
ML MLI Mali
MM MMR Myanmar|Burma
MN MNG Mongolia|Монгол
MO MAC Macao|Macau|澳門
MP MNP Northern Mariana Islands
MQ MTQ Martinique
MR MRT Mauritania
MS MSR Montserrat
MT MLT Malta
MU MUS Mauritius
MV MDV Maldives
MW MWI Malawi
MX MEX Mexico|México
MY MYS Malaysia
MZ MOZ Mozambique|Moçambique
NA NAM Namibia
NC NCL New Caledonia
NE NER Niger
NF NFK Norfolk Island
NG NGA Nigeria
NI NIC Nicaragua
NL NLD Netherlands|The Netherlands|Nederland|Holland|Niederlande|Pays-Bas
NO NOR Norway|Norge|Noreg
NP NPL Nepal|नेपाल
NR NRU Nauru
NU NIU Niue
NZ NZL New Zealand|Aotearoa
OM OMN Oman
PA PAN Panama|Panamá
PE PER Peru|Perú
PF PYF French Polynesia
PG PNG Papua New Guinea
PH PHL Philippines|Pilipinas
PK PAK Pakistan|پاکستان
PL POL Poland|Polska|Polen
PM SPM Saint Pierre and Miquelon
PN PCN Pitcairn|Pitcairn Islands
PR PRI Puerto Rico
PS PSE Palestine|Palestinian Territory|State of Palestine
PT PRT Portugal
PW PLW Palau
PY PRY Paraguay
QA QAT Qatar
RE REU Réunion
RO ROU Romania|România
RS SRB Serbia|Србија|Srbija
RU RUS Russia|Russian Federation|Россия
RW RWA Rwanda
SA SAU Saudi Arabia|السعودية
SB SLB Solomon Islands
SC SYC Seychelles
SD SDN Sudan
SE SWE Sweden|Sverige
SG SGP Singapore|新加坡
SH SHN Saint Helena|Saint Helena, Ascension and Tristan da Cunha
SI SVN Slovenia|Slovenija
SJ SJM Svalbard and Jan Mayen|Svalbard & Jan Mayen Islands
SK SVK Slovakia|Slovak Republic|Slovensko
SL SLE Sierra Leone
SM SMR San Marino
SN SEN Senegal|Sénégal
SO SOM Somalia
SR SUR Suriname
SS SSD South Sudan
ST STP São Tomé and Príncipe
SV SLV El Salvador
SX SXM Sint Maarten
SY SYR Syria|Syrian Arab Republic
SZ SWZ Eswatini|Swaziland
TC TCA Turks and Caicos Islands
TD TCD Chad|Tchad
TF ATF French Southern Territories
TG TGO Togo
TH THA Thailand|ประเทศไทย
TJ TJK Tajikistan
TK TKL Tokelau
TL TLS Timor-Leste|East Timor
TM TKM Turkmenistan
TN TUN Tunisia|Tunisie|تونس
TO TON Tonga
TR TUR Türkiye|Turkey
TT TTO Trinidad and Tobago
TV TUV Tuvalu
TW TWN Taiwan|臺灣|台灣
TZ TZA Tanzania|United Republic of Tanzania
UA UKR Ukraine|Україна
UG UGA Uganda
UM UMI U.S. Minor Outlying Islands|United States Minor Outlying Islands
US USA United States|United States of America|U.S.|U.S.A.|America|Estados Unidos|Vereinigte Staaten
UY URY Uruguay
UZ UZB Uzbekistan|Oʻzbekiston
VA VAT Vatican City|Holy See
VC VCT Saint Vincent and the Grenadines
VE VEN Venezuela
VG VGB British Virgin Islands
VI VIR U.S. Virgin Islands|United States Virgin Islands|US Virgin Islands
VN VNM Vietnam|Viet Nam|Việt Nam
VU VUT Vanuatu
WF WLF Wallis and Futuna
WS WSM Samoa
XK XKX Kosovo
YE YEM Yemen
YT MYT Mayotte
ZA ZAF South Africa|Suid-Afrika
ZM ZMB Zambia
ZW ZWE Zimbabwe
"""

# ISO 639: alpha-2, alpha-3, then the names, the one that is shown first.
_LANGUAGES = """
af afr Afrikaans
ar ara Arabic|العربية
az aze Azerbaijani
be bel Belarusian|Беларуская
bg bul Bulgarian|Български
bn ben Bengali|বাংলা
bs bos Bosnian|Bosanski
ca cat Catalan|Català
cs ces Czech|Čeština
cy cym Welsh|Cymraeg
da dan Danish|Dansk
de deu German|Deutsch|Allemand
el ell Greek|Ελληνικά
en eng English|Englisch|Anglais|Inglés
eo epo Esperanto
es spa Spanish|Español|Castellano|Spanisch|Espagnol
et est Estonian|Eesti
eu eus Basque|Euskara
fa fas Persian|Farsi|فارسی
fi fin Finnish|Suomi
fr fra French|Français|Französisch|Francés
ga gle Irish|Gaeilge
gl glg Galician|Galego
he heb Hebrew|עברית
hi hin Hindi|हिन्दी
hr hrv Croatian|Hrvatski
hu hun Hungarian|Magyar
hy hye Armenian|Հայերեն
id ind Indonesian|Bahasa Indonesia
is isl Icelandic|Íslenska
it ita Italian|Italiano|Italienisch
ja jpn Japanese|日本語
ka kat Georgian|ქართული
kk kaz Kazakh
ko kor Korean|한국어
lb ltz Luxembourgish|Lëtzebuergesch
lt lit Lithuanian|Lietuvių
lv lav Latvian|Latviešu
mk mkd Macedonian|Македонски
ms msa Malay|Bahasa Melayu
mt mlt Maltese|Malti
nb nob Norwegian Bokmål|Bokmål
nl nld Dutch|Nederlands|Flemish|Niederländisch
no nor Norwegian|Norsk
pl pol Polish|Polski
pt por Portuguese|Português
ro ron Romanian|Română
ru rus Russian|Русский
sk slk Slovak|Slovenčina
sl slv Slovenian|Slovenščina|Slovene
sq sqi Albanian|Shqip
sr srp Serbian|Српски|Srpski
sv swe Swedish|Svenska
sw swa Swahili|Kiswahili
ta tam Tamil|தமிழ்
th tha Thai|ไทย
tl tgl Tagalog|Filipino
tr tur Turkish|Türkçe
uk ukr Ukrainian|Українська
ur urd Urdu|اردو
vi vie Vietnamese|Tiếng Việt
zh zho Chinese|中文|Mandarin
"""

_TAG = r"(?i)([a-z]{2,3})[-_]([a-z]{2}|\d{3}|[a-z]{4})"
_IN_BRACKETS = r"\s*\([^)]*\)"


def _named(table: str) -> tuple[dict[str, str], dict[str, str]]:
    """From match keys to codes, and from codes to the name that is shown."""
    codes: dict[str, str] = {}
    shown: dict[str, str] = {}
    for line in table.strip().splitlines():
        code, long_code, names = line.split(" ", 2)
        shown[code] = names.partition("|")[0]
        for word in (code, long_code, *names.split("|")):
            codes.setdefault(match_key(word), code)
    return codes, shown


@cache
def countries() -> dict[str, str]:
    """The English names of the countries by their ISO 3166 alpha-2 code."""
    return _named(_COUNTRIES)[1]


@cache
def _country_codes() -> dict[str, str]:
    return _named(_COUNTRIES)[0]


@cache
def _languages() -> tuple[dict[str, str], dict[str, str]]:
    return _named(_LANGUAGES)


def country_code(text: str) -> str | None:
    """The ISO 3166 alpha-2 code of a country's code or name; None when it is not recognised."""
    codes = _country_codes()
    found = codes.get(match_key(text))
    return found or codes.get(match_key(re.sub(_IN_BRACKETS, "", text)))


def parse_country(text: str, env: Env, choices: Sequence[str] = ()) -> str:
    """The code of a recognised country; any other text as typed."""
    return country_code(text) or text


def _show_country(value: str, env: Env) -> str:
    return countries().get(value, value)


def parse_postcode(text: str, env: Env, choices: Sequence[str] = ()) -> str:
    """A postcode in capitals."""
    return " ".join(text.upper().split())


def parse_language(text: str, env: Env, choices: Sequence[str] = ()) -> str:
    """The code of a recognised language, with its region if typed: "pt-BR"; else as typed."""
    code = _languages()[0].get(match_key(text))
    if code:
        return code
    tag = re.fullmatch(_TAG, text)
    language = _languages()[0].get(tag[1].lower()) if tag else None
    if tag is None or language is None:
        return text
    return f"{language}-{tag[2].title() if len(tag[2]) == 4 else tag[2].upper()}"


def _show_language(value: str, env: Env) -> str:
    names = _languages()[1]
    code, _, region = value.partition("-")
    if code not in names:
        return value
    return f"{names[code]} ({region})" if region else names[code]


def _is_zone(name: str) -> bool:
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        return False
    return True


def parse_zone(text: str, env: Env, choices: Sequence[str] = ()) -> str:
    """The IANA name of a time zone, typed in any case or as its city alone."""
    from zoneinfo import available_timezones

    if "/" in text and _is_zone(text):
        return text
    zones = available_timezones()
    wanted = fold(text).replace(" ", "_")
    for zone in sorted(zones, key=lambda name: (name.startswith("Etc/"), name)):
        if wanted in (zone.lower(), zone.lower().rpartition("/")[2]):
            return zone
    near = close_matches(text, sorted(zones))
    raise InvalidValue(
        f"unknown time zone {quote(text)}",
        hint=f"did you mean {' or '.join(near)}?" if near else "for example Europe/Berlin",
        details={"value": text, "kind": "a time zone"},
    )


def check_zone(value: Any, choices: Sequence[str] = ()) -> str:
    """A stored IANA name; otherwise ValueError."""
    if not isinstance(value, str) or not _is_zone(value):
        raise ValueError(f"unknown time zone {quote(str(value))}")
    return value


KINDS = {
    "country": Kind(parse_country, check_text, match_key, show=_show_country),
    "postcode": Kind(
        parse_postcode, check_text, lambda plain: fold(plain).replace(" ", "").replace("-", "")
    ),
    "language": Kind(parse_language, check_text, fold, show=_show_language),
    "zone": Kind(parse_zone, check_zone, fold),
}
