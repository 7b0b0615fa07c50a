"""What personal data looks like where Presidio has no recognizer for it, or none without a model.

Patterns are for the ``regex`` module, which Presidio uses: a lookbehind there may be of any length,
so that a number counts only where the words before it say what it is.
"""

from __future__ import annotations

from typing import Final

_LABEL: Final = r"[^\w\n]{0,3}(?:(?:no|num|nr|number|número|nummer|numéro|号码?)\b)?[^\w\n]{0,4}"
"""What may stand between the word for a number and the number."""

_IS: Final = r"(?:(?:is|es|ist|est|是|为)\b ?)?[^\w\n]{0,2}"
_SERIAL: Final = r"[A-Za-z0-9]{1,24}(?:[ .-]?[A-Z0-9]{1,20}){0,6}\b"
_SERIAL_AHEAD: Final = (
    r"(?!(?:is|es|ist|est|no)\b)(?=[A-Za-z]{0,6}[ .-]?\d)(?=(?:[A-Za-z .-]{0,6}\d){4})"
)
"""Letters and digits, at least four of them digits, and soon one."""

_NAME: Final = r"\p{Lu}[\p{L}'’-]{1,20}"
_FULL: Final = rf"{_NAME}(?: (?:(?:de|del|la|van|von|der|da) ){{0,2}}{_NAME}){{0,3}}"


def _after(words: str, number: str = _SERIAL, ahead: str = _SERIAL_AHEAD) -> str:
    """The number that stands behind one of the words for it."""
    # Looking ahead is cheap, and rules nearly every place out before any looking back.
    return rf"\b{ahead}(?<=(?<!\p{{L}})(?i:{words}){_LABEL}{_IS}){number}"


ACCOUNT_WORDS: Final = (
    r"account|acct|a/c|cuenta|konto(?:nummer)?|compte|clabe|sort code|routing|aba|"
    r"账号|账户|帐号|卡号|银行卡"
)
TAX_WORDS: Final = (
    r"vat|tax id|tax identification|taxpayer id|tin|ein|employer identification|utr|itin|nif|cif|"
    r"rfc|iva|steuer-?(?:id|nummer)|ust-?id(?:nr)?|codice fiscale|partita iva|siret|siren|tva|"
    r"税号|纳税人识别号|统一社会信用代码"
)
ID_WORDS: Final = (
    r"passport|pasaporte|reisepass|passeport|driving licen[cs]e|driver'?s? licen[cs]e|"
    r"licencia(?: de conducir)?|personalausweis(?:nummer)?|national id|id card|identity card|"
    r"social security|ssn|national insurance|dni|nie|curp|ine|pesel|seguro social|nss|"
    r"护照|身份证|驾驶证"
)

_US_STREET: Final = (
    r"(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Place|Pl|Way|"
    r"Terrace|Square|Highway|Hwy|Parkway|Pkwy|Close|Crescent|Gardens|Mews|Hill|Row|Walk)\b\.?"
)
_UNIT: Final = r"(?:,? (?:Apt|Apartment|Suite|Ste|Unit|Flat|Floor|#)\.? ?\w{1,5})?"
_US_END: Final = r"(?:,? [A-Z]{2} \d{5}(?:-\d{4})?)?"
_UK_CODE: Final = r"[A-Z]{1,2}\d[A-Z\d]? \d[ABD-HJLNP-UW-Z]{2}\b"
_TOWN: Final = r"(?:,? \p{Lu}[\p{L}'-]+(?: (?:de |del |am )?\p{Lu}[\p{L}'-]+){0,2})?"
_EU_END: Final = rf"(?:,? (?:C\.?P\.? ?)?(?:[A-Z]-)?\d{{4,5}}{_TOWN}|,? \d{{2}}-\d{{3}}{_TOWN})?"
_MX_END: Final = (
    r"(?:,? (?:Col(?:onia)?\.?|Int\.?|Piso|Depto\.?|Local) [\p{L}\d][\p{L}\d .]{0,30}?(?=,|$|\n))*"
)

ADDRESSES: Final = (
    rf"\b\d{{1,6}}[A-Za-z]? (?:[NSEW]\.? )?(?:\p{{Lu}}[\p{{L}}'’.-]+ ){{1,4}}{_US_STREET}"
    rf"{_UNIT}{_TOWN}(?:{_US_END}|,? {_UK_CODE})(?:,? {_UK_CODE})?",
    rf"\b\d{{1,6}} (?:Broadway|Chapel Hill|Am Markt)\b(?:,? \d{{5}})?{_TOWN}{_US_END}",
    r"\b(?:Flat|Unit|Apartment) \d{1,4}[A-Z]?, \d{1,5} (?:\p{Lu}[\p{L}'’-]+ ?){1,4}",
    r"\bP\.? ?O\.? Box \d{1,6}\b",
    rf"\b{_UK_CODE}",
    r"(?:\b(?:Calle|Avenida|Paseo|Plaza|Carrer|Calzada|Camino|Carretera|Blvd|Boulevard)|\bAv\.|"
    r"\bC/) ?(?:[\p{L}\d.'-]+ ){0,5}?(?:[\p{L}.'-]+),? (?:n[.ºo°]* ?|No\.? ?|#)?\d{1,5}"
    rf"(?:[A-Z]\b|-\d{{1,3}})?{_MX_END}{_EU_END}",
    rf"\b\d{{1,4}}(?: bis| ter)?,? (?:rue|avenue|boulevard|place|chemin|impasse|allée|quai|cours)"
    rf" (?:[\p{{L}}'’-]+ ?){{1,5}}{_EU_END}",
    r"\b(?:Via|Viale|Piazza|Corso|Largo) (?:[\p{L}'’.]+ ){0,3}[\p{L}'’.]+,? \d{1,4}\w?"
    rf"{_EU_END}",
    r"(?:\b\p{Lu}[\p{L}-]*?(?:straße|strasse|str\.|gasse|allee|platz|weg|ufer|damm|straat|laan|gracht)"
    rf"|\b\p{{Lu}}[\p{{L}}-]+ (?:Straße|Allee|Platz|Weg)) \d{{1,4}} ?[a-z]?\b{_EU_END}",
    rf"\bul\. (?:[\p{{L}}.]+ ){{1,3}}\d{{1,4}}(?:/\d{{1,4}})?{_EU_END}",
    r"(?:[\p{Han}]{2,3}(?:省|自治区))?[\p{Han}]{2,4}市[\p{Han}]{1,5}(?:区|县)[\p{Han}\d]{1,12}"
    r"(?:路|街|道|巷|村)[\p{Han}]{0,4}\d{1,5}(?:号|弄)[\p{Han}\d]{0,12}",
)
"""Streets with a number, and what follows them: towns, postcodes, rooms."""

_SURNAMES: Final = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹"
    "彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢"
)
"""The commonest, for most of the people who have a Chinese name."""

PERSONS: Final = (
    rf"(?<=\b(?:(?i:my name is|me llamo|mi nombre es|mein name ist|ich hei(?:ß|ss)e|"
    rf"je m['’]appelle|mi chiamo)) ){_FULL}",
    rf"(?<=\b(?:Mr|Mrs|Ms|Miss|Dr|Sr|Sra|Srta|Herr|Frau|Mme|Sig|Don|Doña)\.? ){_FULL}",
    r"(?<=(?<!\p{L})(?i:(?:kind |best |warm )?regards|sincerely|yours truly|"
    r"saludos(?: cordiales)?|atentamente|grüßen|cordialement|"
    r"account holder|cardholder|recipient|consignee|titular|"
    rf"beneficiario|destinatario|kontoinhaber|contact person)[,:]?(?: ?\n ?| ?: ?)){_FULL}",
    r"(?<=我叫|我的名字是|姓名[:：] ?|收件人[:：] ?|联系人[:：] ?|户名[:：] ?)\p{Han}{2,4}",
    rf"[{_SURNAMES}]\p{{Han}}{{0,2}}(?=先生|女士|小姐)",
)
"""Names that the words around them announce; others are known from the case's records alone."""

BANK: Final = (
    _after(ACCOUNT_WORDS, r"\d(?:[ -]?\d){5,22}\b", r"(?=\d)"),
    r"(?<=(?i:sort code)[^\w\n]{0,4}(?:is )?)\d{2}-\d{2}-\d{2}\b",
    r"\b(?i:swift|bic)(?i: code)?[:# ]{1,3}(?:is )?[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?\b",
)
TAX: Final = (
    _after(TAX_WORDS),
    r"\b[A-ZÑ&]{3,4}\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[A-Z\d]{2}[A\d]\b",
    r"\b(?:ATU\d{8}|DE\d{9}|ESX?\d{8}[A-Z]|ES[A-Z]\d{7}[A-Z0-9]|FR[A-Z0-9]{2}\d{9}|IT\d{11}|"
    r"NL\d{9}B\d{2}|GB\d{9}|BE[01]\d{9}|PL\d{10})\b",
)
IDENTITY: Final = (
    _after(ID_WORDS),
    r"\b[A-Z]{4}\d{6}[HMX][A-Z]{5}[A-Z\d]\d\b",
    r"\b[12] ?\d{2} ?(?:0[1-9]|1[0-2]) ?\d{2} ?\d{3} ?\d{3} \d{2}\b",
    r"(?<!\d)[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?!\d)",
)
PHONES: Final = (
    r"(?<![\d.,/-])1[3-9]\d(?:[ -]?\d{4}){2}(?!\d)",
    r"(?<!\w)\+\d{1,3}[ .-]?(?:\(\d{1,4}\)[ .-]?)?\d{1,4}(?:[ .-]?\d{2,4}){2,4}\b",
    r"(?<!\d)\(\d{2,4}\) ?\d{3,4}[ .-]\d{4}\b",
)
"""A Chinese mobile number; one with its country's code; one with its area's code in brackets."""
