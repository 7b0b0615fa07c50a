"""Patterns of texts that talk to a language model, whatever it is set to do.

Beside :mod:`agents.addressing`, whose patterns are those of texts to whoever decides a case. Small
letters without accents, as that module folds them; German, French and Italian as well, since much
of what is tried is written in them. Families: earlier instructions to be dropped, prompts to be
shown, roles to be played, limits to be lifted, answers to be worded, functions to be called.
"""

from __future__ import annotations

from typing import Final

_FAR: Final = r"[^.!?\n]{0,80}?"
_NEAR: Final = r"[^.!?\n]{0,40}?"
_START: Final = r"(?:^|[.!?:\n]\s*|\bplease )"

_EARLIER: Final = r"(?:above|previous|prior|preceding|earlier|original|initial|provided|given)"
_ORDERS: Final = (
    r"(?:instructions?|prompts?|directions?|directives?|guidelines|orders|tasks|assignments?|"
    r"commands|context|rules|restrictions|articles|programming)"
)
_ANSWER: Final = r"(?:answers?|repl(?:y|ies)|responses?|outputs?|summar(?:y|ies)|messages?)"
_MACHINE: Final = (
    r"(?:ai|llm|language model|chat ?bot|gpt|virtual assistant|ai assistant|ai agent|coding agent)"
)
_PRIVATE_WORDS: Final = (
    r"(?:prompts?(?: texts?)?|system (?:message|instructions?)|embeddings|context window|"
    r"(?:initial|exact|original|hidden|secret|internal) (?:instructions?|configuration)|"
    r"your (?:\w+ )?instructions)"
)

ENGLISH: Final = (
    rf"(?<!not )(?<!n't )\b(?:ignore|forget|disregard|drop|discard|remove)\b{_NEAR}"
    rf"\b(?:{_EARLIER} {_ORDERS}|(?:all|your|any|these|those) (?:\w+ )?{_ORDERS})",
    r"(?<!not )(?<!n't )(?<!never )\b(?:forget|ignore|disregard) (?:about )?"
    r"(?:everything|all)\b(?: of)?(?: (?:that|what|the))? ?(?:above|before|you|we|i said|previous)",
    r"\bforget about (?:everything|all)\b",
    rf"\b(?:new|next|following) {_ORDERS}\b{_NEAR}\b(?:follow|comes?|supersedes?|is|are)\b"
    r"[^.!?\n]{0,12}(?:$|[:.!])",
    rf"\b(?:comes?|follows?|start with|focus(?: only)? on|concentrate(?: only)? on)\b{_NEAR}"
    r"\bnew (?:task|assignment|instruction)s?\b",
    rf"\b(?:show|reveal|print|repeat|output|display|tell|leak|return|dump|expose|copy)\b{_FAR}"
    rf"\b{_PRIVATE_WORDS}\b",
    r"\bwhat (?:was|is|stands) written (?:above|before|at the (?:beginning|start|top))",
    r"\brepeat (?:all )?the (?:words|text) above\b",
    rf"\bwhat (?:are|is|were) your (?:\w+ )?(?:{_ORDERS})\b",
    r"\b(?:change|update|replace) your (?:instructions|rules|programming)\b",
    r"\byour (?:new )?(?:instructions|directive|task|role)s? (?:are|is) now\b",
    r"\byour new directive\b",
    r"\b(?:pretend|imagine)(?: that)? (?:you are|you're|to be)\b",
    r"\bi want you to (?:act|behave|respond|answer|reply|pretend|play)\b",
    r"\b(?:act|acting|respond|answer|behave) as (?:if you|an? (?:ai|expert|evil|unfiltered|hacker)|"
    r"two entities)",
    r"\b(?:now you are|you are now|you will now|from now on,? you)\b(?! (?:able|liable|entitled))",
    r"\bfrom now on\b[^.!?\n]{0,20}\b(?:respond|answer|reply|act|speak)\b",
    r"\brole-?play(?:ing)?\b|\bstay in (?:your )?character\b|\bdo not break character\b",
    rf"\b(?:you are|you're|as) (?:an? |the )?(?:\w+ )?{_MACHINE}\b",
    rf"\b(?:dear|attention|hey|to all|for|note to) (?:\w+ )?{_MACHINE}s?\b",
    rf"\b{_MACHINE}s? (?:reading|processing|that reads?|who reads?) (?:this|it)\b",
    r"\bas the assistant, i\b",
    r"\b(?:no|without)(?: any)? (?:content policy|filters?|restrictions?|limits?|guidelines|rules)"
    r"[^.!?\n]{0,12}(?:$|[.!]| and | whatsoever)",
    r"\b(?:developer|debug|god|dan|jailbreak|unrestricted) mode\b|\bjailbr[eo]\w+|"
    r"\bdo anything now\b|\bsystem override\b|\bsafety (?:guidelines|filters|rules)\b",
    r"\bby your own knowledge\b|\bwhen were you trained\b|\byour training data\b",
    rf"\b(?:decode|translate|decrypt|unscramble)\b{_FAR}\b(?:base ?64|rot ?13|hex|binary)\b{_FAR}"
    r"\b(?:execute|follow|do|run|obey)\b",
    rf"\b(?:decode|decrypt)\b{_NEAR}\b(?:base ?64|rot ?13)\b{_NEAR}\b(?:follow|execute)\b",
    rf"\b(?:in|to|of|at the end of|into|with) (?:every|each|all)(?: future| your)? {_ANSWER}\b",
    r"\b(?:answer|respond to|reply to) (?:every|all|any|each)(?: \w+)? questions?\b",
    rf"{_START}(?:add|integrate|insert|append|augment|enhance|modify|render|encode|encrypt|"
    rf"anagram|rearrange|substitute|combine|group|include)\b{_FAR}\b(?:your|the) {_ANSWER}\b",
    rf"\bin your {_ANSWER}, ?(?:\w+ )?(?:suggest|include|tease|mention|hint|add|use|promote)",
    rf"{_START}(?:provide|write|give|render|translate|deliver|use|express|encode)\b{_NEAR}"
    rf"\byour {_ANSWER} (?:in(?:to)? (?:base|morse|binary|reverse|emoji|code|rot|english|french|"
    r"spanish|german|portuguese|italian|chinese|japanese|russian)|backwards?\b|using\b|with "
    r"(?:emoji|intentional|substitut))",
    r"\b(?:call|invoke|run|execute)(?: the)?(?: (?:tool|function))? [a-z]+_[a-z_]+\b",
    r"\bwhen(?:ever)? you (?:read|process|summari[sz]e|see) this\b",
    r"\b(?:just|only|simply) (?:output|print|say)\b[^.!?\n]{0,6}[\"“'«]",
    r"(?:^|[.!?\n] ?)(?:output|print|say|state|write)(?: (?:the|this))?:? ?[\"“«]",
)
GERMAN: Final = (
    rf"\b(?:ignorier|vergiss|vergessen sie|missachte|streich)\w*\b{_FAR}\b(?:alles|alle[nr]?|obige|"
    r"davor|anweisung|instruktion|befehl|auftrag|auftrage|richtlinie|"
    r"regeln|vorgaben)",
    rf"\b(?:obigen?|vorherigen?|bisherigen?|vorangegangenen?) (?:\w+ )?{_NEAR}"
    r"\b(?:ignorieren|vergessen|streichen|hinter sich|irrelevant)",
    rf"\b(?:zeig|verrat|gib|geben sie|vorzeigen|nenn|wiederhol|drucke)\w*\b{_FAR}"
    r"(?:prompt|systemanweisung|systemhinweis|ursprunglichen anweisung)",
    r"\b(?:jetzt|nun) (?:bist du|sind sie)\b|\b(?:du bist|sie sind) (?:jetzt|nun)\b|\bab jetzt\b"
    r"[^.!?\n]{0,20}\b(?:du|sie|antworte|keine)\b",
    r"\b(?:neue[nr]?|weitere) (?:aufgaben?|anweisungen)\b[^.!?\n]{0,30}(?:$|[:.!])",
    r"\bkonzentrier\w*\b[^.!?\n]{0,40}\baufgabe\b",
    r"\b(?:mochte|will), dass (?:sie|du) als\b",
    r"\bstell dir vor, du (?:bist|warst)\b|\btu so, als\b",
    r"\bals (?:ki|sprachmodell|ki-modell|assistent)\b|\b(?:ohne|keine) (?:einschrankungen|filter|"
    r"richtlinien)\b|\bprompt-?texte?\b|\bsystemhinweis\b|\bsystemanweisung",
    r"\b(?:antworte|antworten sie|sage|sagen sie)\b[^.!?\n]{0,20}"
    r"\b(?:nur|ausschliesslich|lediglich)\b",
    rf"\b(?:setze|setzen sie|markiere|markieren sie|werte|werten sie)\b{_NEAR}\b(?:ergebnis|"
    r"entscheidung|fall|urteil|status)\b[^.!?\n]{0,20}\b(?:auf|als)\b",
    rf"\bwer (?:auch immer )?(?:dies|das hier|diesen text)\b{_NEAR}\b(?:pruft|liest|entscheidet)",
)
ROMANCE: Final = (
    rf"\b(?:ignore[zr]?|oublie[zr]?|ne tene?z pas compte)\b{_NEAR}\b(?:instruction|consigne|"
    r"directive|precedent|tout ce qui precede)",
    rf"\b(?:revele|montre|affiche|repete)[zr]?\b{_NEAR}\b(?:prompt|instructions? (?:du )?systeme)",
    r"\b(?:sans (?:aucune )?restrictions?|senza (?:alcuna )?restrizioni|sin (?:ninguna )?"
    r"restricciones)\b",
    rf"\b(?:ignora|dimentica|tralascia)\w*\b{_NEAR}\b(?:istruzion|precedent|regol|linee guida)",
    rf"\b(?:rivela|mostra|stampa|ripeti)\w*\b{_NEAR}\b(?:prompt|istruzioni)\b",
    r"\b(?:en tant qu['’ ]?|come |como )(?:assistant[e]?|assistente|asistente|ia)\b",
    rf"\bolvid\w+ (?:de )?todo\b{_NEAR}\b(?:antes|anterior|dicho|dije|digo|previo)",
    rf"\b(?:revela|muestra|imprime|repite)\w*\b{_NEAR}\b(?:prompt|instrucciones)\b",
    r"\b(?:ahora eres|a partir de ahora,? (?:eres|responde)|finge (?:que|ser)|actua como)\b",
    r"\b(?:maintenant tu es|tu es maintenant|ora sei|fai finta)\b",
)
CHINESE: Final = (
    r"(?:忽略|忘记|无视)[^。！？\n]{0,8}(?:之前|前面|上面|先前|所有)[^。！？\n]{0,8}(?:指令|提示|内容|要求|设定)",
    r"(?:显示|输出|告诉我|透露|重复)[^。！？\n]{0,12}(?:系统提示|提示词|初始指令)",
    r"(?:你现在是|从现在起你|假装你是|请扮演)",
    r"作为(?:一个)?(?:人工智能|语言模型|ai)",
)
ALL: Final = (*ENGLISH, *GERMAN, *ROMANCE, *CHINESE)
