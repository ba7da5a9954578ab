"""What other programs call our choices: the status of a contact, the type of an activity."""

from __future__ import annotations

import re
from collections.abc import Sequence

from crmcli.exchange.sources.base import squash

_TABLE = """
    lead: newlead new open fresh cold subscriber visitor prospect uncontacted notcontacted
        opennotcontacted attempted attemptedtocontact unqualifiedlead marketinglead inquiry
        interessent neu nouveau nuevo nuovo novo nowy новый 新
    qualified: contacted connected working workingcontacted inprogress engaged nurturing
        marketingqualifiedlead salesqualifiedlead mql sql opportunity opendeal proposal
        proposalsent negotiation negotiating demo meeting meetingscheduled onhold reengagement
        warm hot active qualifiziert qualifie cualificado qualificato
    customer: closedwon won client converted closedconverted existingcustomer evangelist kunde
        cliente klient клиент 客户 klant
    former: formercustomer excustomer churned inactive past cancelled ehemalig inaktiv inactif
        inactivo
    lost: closedlost disqualified unqualified closednotconverted rejected junk junklead badtiming
        notinterested dead verloren perdu perdido perso
    call: calls phonecall phone anruf telefonat appel llamada chiamata ligacao rozmowa звонок
        电话 calllogged
    email: mail emails emailsent incomingemail outgoingemail nachricht courriel correo письмо
        邮件
    meeting: meetings appointment termin besprechung rendezvous reunion reunión riunione reuniao
        spotkanie встреча 会议 lunch demo event webinar videocall coffee
    note: notes notiz task todo deadline aufgabe comment nota notatka заметка 备注 other followup
    chat: sms message whatsapp linkedin im linkedinmessage
    visit: onsite sitevisit besuch visite visita wizyta визит
    high: highest urgent hoch critical haute alta alto wysoki высокий 高 p1
    normal: medium mid middle standard mittel moyenne media média średni средний 中 p2
    low: lowest niedrig basse baja bassa baixa niski низкий 低 p3 minor
    open: notstarted inprogress deferred waitingforinput waiting todo pending offen ouvert
        planned
    done: completed complete closed finished erledigt terminé hecho fatto concluído yes true
    dropped: cancelled canceled abgebrochen
"""


def meant(choices: Sequence[str], text: str) -> str | None:
    """The one of our choices that another program's word means; None when it is unknown."""
    word = squash(text)
    return next((each for each in choices if word in _OTHERS.get(each, ())), None)


_OTHERS = {
    ours: frozenset(map(squash, words.split()))
    for ours, words in re.findall(r"(\w+):((?:[^:]|\n)*)(?:\n|$)(?! {7})", _TABLE)
}
