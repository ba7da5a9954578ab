"""What columns are called elsewhere, in English and in other languages, by record type.

Each line is a target (as in `sources.base`) and the names that mean it, separated by commas.
"""

from __future__ import annotations

from functools import cache

from crmcli.exchange.sources.base import squash

_PERSONAL = """
    email: Courriel, Mél, Correo, Correo electrónico, Email adres, E-mailadres, Adres e-mail,
        Adresse mail, Adresse électronique, Электронная почта, Почта, Эл. почта, 邮箱, 电子邮件,
        メールアドレス, E-post, Sähköposti, Posta elettronica, Endereço de e-mail, EMail Adresse
    phone: Telefon, Telefonnummer, Telefono, Teléfono, Telefone, Téléphone, Tel, Tél, Tel.-Nr.,
        Rufnummer, Телефон, 电话, 電話番号, Numer telefonu, Telefoonnummer, Telefoon,
        Contact number, Contact no, Phone no, Ph, Festnetz, Numéro de téléphone,
        Número de teléfono
    phone.mobile: Mobile phone, Mobile number, Cellphone, Mobile phone number, Mobile, Cell,
        Handy, Handynummer, Mobiltelefon, Mobil, Portable, Móvil, Celular, Cellulare, Telemóvel,
        Komórka, Мобильный, Мобильный телефон, 手机, 手机号码, 携帯電話, Mobilnummer, GSM,
        WhatsApp
    phone.fax: Fax, Fax number, Telefax, Faxnummer, Faks, Факс, 传真, Télécopie
    url: Web, Web page, Homepage, Webseite, Webpage, Internetseite, Site web, Site internet,
        Página web, Sitio web, Sito web, Sito, Strona www, Strona internetowa, Сайт, Веб-сайт,
        网址, 网站, Site, Web site, Internet
    social: LinkedIn URL, LinkedIn profile, LinkedIn profile URL, Twitter handle,
        Twitter username, Facebook, Instagram, Xing, GitHub, Profile URL, LinkedIn link
    street: Address 2, Address line 2, Street address 2, Address 3, Address line 3, Apartment,
        Suite, Adresszusatz, Complément d'adresse, Address 1, Address line 1, Address line,
        Street address 1, Straße, Strasse, Str., Rue, Calle, Via, Rua, Indirizzo, Dirección,
        Endereço, Adresse, Anschrift, Ulica, Улица, 街道, Straat, Straße und Hausnummer,
        Straße Hausnummer, Direccion postal, Street name, Address 1 Street 1,
        Address 1 Street 2, Address 1 Street 3
    street house: Street number, Street no, House number, House no, Hausnummer, Haus-Nr., Hausnr,
        Numéro de rue, Número de calle, Numero civico, Número da casa, Huisnummer, Numer domu,
        Номер дома, 门牌号
    city: Ort, Stadt, Wohnort, Ville, Ciudad, Città, Comune, Cidade, Miasto, Miejscowość, Город,
        城市, 市, Plaats, Woonplaats, Población, Localidad, Localité, Localita, City/Town
    region: Bundesland, Kanton, Région, Province, Provincia, Provincia/Estado, Estado, Regione,
        Województwo, Область, Регион, 省, 省份, State code, Département, State or Province,
        State/Province
    postcode: PLZ, Postleitzahl, Code postal, CP, Código postal, CAP, CEP, Kod pocztowy, Индекс,
        Почтовый индекс, 邮编, 邮政编码, Zip/Postal Code, Zip or Postal Code, Postal, Zipcode,
        ZIP/PLZ, Codigo postal
    country: Country code, Land, Pays, País, Paese, Kraj, Страна, 国家, Staat, Nazione,
        Country name
    owner: Owner, Sales rep, Account manager, Account executive, Betreuer, Zuständig, Bearbeiter,
        Verantwortlich, Inhaber, Propriétaire, Responsable, Propietario, Responsabile,
        Proprietario, Proprietário, Responsável, Właściciel, Opiekun, Ответственный, Владелец,
        Salesperson, Sales owner, Owned by, Assigned to, Assigned user, Assigned user name,
        Responsible, user_id/name, 负责人, 所有者, Zuständiger, Kundenbetreuer, Contactinhaber,
        Kontaktinhaber, Record owner,
        Propriétaire du contact, Propietario del contacto
    source: Lead source, Quelle, Herkunft, Source du lead, Origen, Fuente, Origine, Fonte, Origem,
        Źródło, Источник, 来源, Bron, Acquisition channel, How did you hear about us, Channel,
        Kanal
    tags: Labels, Categories, Category, Groups, Group, Kategorie, Kategorien, Gruppe, Gruppen,
        tag_ids/name, category_id/name, Étiquettes, Catégorie, Catégories, Etiquetas,
        Categoría, Categorías, Categoria, Etichette,
        Etykiety, Метки, Теги, Категория, Категории, 标签, 类别, Schlagworte, Tag list, Segment
    notes: Notizen, Notiz, Bemerkung, Bemerkungen, Kommentar, Anmerkungen, Remarque, Remarques,
        Commentaire, Commentaires, Notas, Observaciones, Comentarios, Note interne, Osservazioni,
        Observações, Comentários, Uwagi, Notatki, Заметки, Примечание, Комментарий, Комментарии,
        备注, 附注, Opmerkingen, Beschreibung, Background, About, Info, Additional info, Remark,
        Details
    created: Create date, Created at, Created date, Date added, Created on, Created time,
        Creation date, Angelegt am, Erstellt am, Erstelldatum, Erstellungsdatum, Créé le,
        Date de création, Fecha de creación, Creado, Data di creazione, Data de criação,
        Data utworzenia, Дата создания, 创建时间, 创建日期, Added, Added on, Signup date, Since,
        Customer since, Subscription date, Registered, Registered on, Registration date,
        Date created, Date entered, Date joined
    -: IP address, Optin IP, Confirm IP
"""
_CONTACT = """
    name: Full name, Person name, Person, Lead name, Name (contact), Contact, Client name,
        Customer name, Customer, Client, Participant, Attendee, Vollständiger Name, Kontakt,
        Ansprechpartner, Ansprechpartnerin, Kontaktperson, Nom complet, Nom et prénom,
        Interlocuteur, Nombre completo, Nombre y apellidos, Contacto, Persona de contacto,
        Nome completo, Nome e cognome, Contatto, Referente, Contato, Imię i nazwisko,
        Osoba kontaktowa, ФИО, Полное имя, Контакт, Контактное лицо, 姓名, 联系人, 氏名,
        Volledige naam, Naam, Contactpersoon
    first_name: Given name, First names, Vorname, Prénom, Nombre, Nombre de pila, Nome,
        Nome proprio, Primeiro nome, Imię, Имя, 名, 名字, Voornaam, Förnamn, Etunimi, Fname,
        Forenames
    middle_name: Middle initial, Zweiter Vorname, Deuxième prénom, Segundo nombre, Secondo nome,
        Drugie imię, Отчество
    last_name: Family name, Nachname, Familienname, Zuname, Nom de famille, Nom, Apellido,
        Apellidos, Cognome, Sobrenome, Apelido, Nazwisko, Фамилия, 姓, 姓氏, Achternaam,
        Efternamn, Lname
    prefix: Anrede, Titel, Civilité, Tratamiento, Titolo, Tratamento, Zwrot grzecznościowy,
        Обращение, 称呼, 称谓, Aanhef, Honorific, Mr/Mrs
    title: Job role, Job position, Title/Description, Occupation, Designation, Job function,
        Organization title, Position title,
        Berufsbezeichnung, Funktion, Stelle, Poste, Fonction, Intitulé du poste, Cargo, Puesto,
        Posizione, Ruolo, Qualifica, Mansione, Função, Stanowisko, Должность, 职位, 职务, 役職,
        Functie
    department: Organization department, Abteilung, Service, Département, Departamento, Reparto,
        Dział, Отдел, 部门, 部署, Afdeling, Dept, Division
    company: Company / Account, Organization name, Organisation name, Account name,
        Associated company, Workplace, Business, Firm, Company name, Firma, Firmenname,
        Unternehmen, Société, Entreprise, Raison sociale, Empresa, Compañía, Razón social,
        Organización, Azienda, Società, Ditta, Ragione sociale, Organização, Nazwa firmy,
        Компания, Организация, Фирма, 公司, 单位, 公司名称, 会社名, Bedrijf, Bedrijfsnaam,
        Företag, Yritys, Organisation, Works at, Business name, Current company,
        Account, Accounts, Sales account, Parent name
    status: Deal stage, Lead stage, Stage, Lead state, Estado del contacto, Statut, Stato, Статус,
        状态, Kundenstatus, Customer status, Relationship, Stadium, Phase
    email.work: Work email, E-Mail geschäftlich, Business email, Office email, Firmen-E-Mail,
        Dienstliche E-Mail, Company email
    email.home: E-Mail privat, Private email, Personal email, Private E-Mail
    phone.work: Work, Work number, Telefon geschäftlich, Büro, Telefon Büro, Telefon
        dienstlich, Office, Direct line,
        Durchwahl, Téléphone bureau, Téléphone professionnel, Teléfono trabajo, Telefono ufficio,
        Telefon służbowy, Рабочий телефон
    phone.home: Telefon privat, Privat, Téléphone domicile, Teléfono casa, Telefono casa,
        Telefon domowy, Домашний телефон
    birthday: Birthdate, Geburtstag, Geburtsdatum, Geb.-Datum, Geb. am, Date de naissance,
        Anniversaire, Fecha de nacimiento, Cumpleaños, Data di nascita, Compleanno,
        Data de nascimento, Aniversário, Data urodzenia, Urodziny, Дата рождения, День рождения,
        生日, 出生日期, 誕生日, Geboortedatum, Bday
    language: Sprache, Langue, Idioma, Lingua, Język, Язык, 语言, Taal
    preferred_name: Nick, Alias, Rufname, Spitzname, Surnom, Apodo, Soprannome
    opt_out: Unsubscribed, Opt out, Opted out, Email opt out, Opt-out, Do not email, Do not call,
        Do not mail, Unsubscribe, Unsubscribed from all email, No marketing, No contact, Blocked,
        Abgemeldet, Nicht kontaktieren, Keine Werbung, Werbesperre, Ne pas contacter, Désabonné,
        No contactar, Dado de baja, Non contattare, Disiscritto, Não contatar, Nie kontaktować,
        Unsub, Unsub time, Unsubscribed at, Unsubscribe date, Unsubscribed date, Opt out date,
        Opted out at, Do not disturb, Do not allow emails, Do not allow bulk emails,
        Do not allow phone calls, Не беспокоить, 请勿联系, Email opted out,
        Has opted out of email, DNC
    id: (Do Not Modify) Contact, (Do Not Modify) Lead
"""
_COMPANY = """
    name: Organization name, Organisation, Account, Firm, Business, Business name, Client,
        Customer, Firma, Firmenname, Unternehmen, Société, Entreprise, Raison sociale, Empresa,
        Compañía, Razón social, Azienda, Società, Ditta, Ragione sociale, Nazwa firmy, Компания,
        Организация, 公司, 公司名称, 单位, 会社名, Bedrijf, Bedrijfsnaam, Organización,
        Organização, Nom, Nombre, Nome, Naam, Customer name, Client name, Vendor, Supplier
    domain: Domain, Company domain, Website domain, Domäne, Domaine, Dominio, Домен, 域名
    url: Company website, Site
    industry: Branche, Industrie, Secteur, Secteur d'activité, Sector, Industria, Settore, Setor,
        Branża, Отрасль, 行业, Vertical, Industry sector, Business type
    size: Number of employees, Employee count, Staff, No of employees, Mitarbeiter,
        Mitarbeiterzahl, Anzahl Mitarbeiter, Effectif, Nombre d'employés, Empleados,
        Número de empleados, Dipendenti, Numero di dipendenti, Funcionários, Liczba pracowników,
        Количество сотрудников, 员工人数, Team size
    revenue: Umsatz, Jahresumsatz, Chiffre d'affaires, Facturación, Ingresos anuales, Fatturato,
        Faturamento, Przychody, Выручка, 年收入, Turnover, Sales
    founded: Year founded, Founded year, Gründungsjahr, Année de création, Año de fundación,
        Anno di fondazione, Год основания, Established
    social: LinkedIn company page
    id: (Do Not Modify) Account
    parent: Muttergesellschaft, Parent, Société mère, Empresa matriz, Headquarters company
    notes: About
    -: Type
"""
_DEAL = """
    title: Opportunity, Project, Project name, Deal title, Geschäft, Auftrag, Verkaufschance,
        Opportunité, Affaire, Transaction, Nom de la transaction, Negocio, Oportunidad,
        Nombre del negocio, Opportunità, Affare, Trattativa, Nome trattativa, Negócio,
        Oportunidade, Nome do negócio, Szansa sprzedaży, Nazwa transakcji, Сделка,
        Название сделки, 交易, 商机, 交易名称, Deal-Name, Chance, Quote, Proposal
    id: (Do Not Modify) Opportunity
    value: Price, Worth, Revenue, Expected revenue, Est. revenue, Estimated revenue,
        Estimated value, Deal size, Wert, Betrag, Volumen, Auftragswert,
        Summe, Montant, Valeur, Importe, Valor, Monto, Cantidad, Importo, Valore, Ammontare,
        Wartość, Kwota, Сумма, Стоимость, 金额, 价值, Bedrag, Total, Total value, Budget, ACV,
        ARR, TCV
    currency: Währung, Devise, Moneda, Divisa, Valuta, Moeda, Waluta, Валюта, 货币, 币种
    stage: Stage, Opportunity stage, Phase, Deal-Phase, Stufe, Étape, Phase de la transaction,
        Etapa, Etapa del negocio, Fase, Fase trattativa, Etap, Этап, Стадия, Этап сделки, 阶段,
        交易阶段, Step, Sales stage, Verkaufsphase, Statut
    status: Deal status, Won/Lost, State
    contact: Contact person, Associated contact, Person, Ansprechpartner, Kontakt, Interlocuteur,
        Contacto, Contatto, Contato, Osoba kontaktowa, Контакт, 联系人, Contact name
    company: Client, Customer, Kunde, Firma, Unternehmen, Entreprise, Société, Empresa, Cliente,
        Azienda, Klient, Компания, Клиент, 公司, 客户, Klant, Company name, Account name,
        Partner, Partner name, Account
    expected_close: Close date, Expected closing, Closing, Due date, Abschlussdatum,
        Erwarteter Abschluss, Abschluss, Voraussichtlicher Abschluss, Date de clôture,
        Date de fermeture, Fecha de cierre, Fecha prevista de cierre, Data di chiusura,
        Chiusura prevista, Data de fechamento, Data zamknięcia, Дата закрытия, 成交日期, 结束日期,
        Sluitingsdatum, ETA, Expected date, Estimated close, Estimated close date, Forecast date
    closed: Won time, Closed at, Closed on, Closed, Abgeschlossen am, Actual close date
    owner: Sales rep
    probability: Win probability, Probability, Wahrscheinlichkeit, Probabilité, Probabilidad,
        Probabilità, Probabilidade, Prawdopodobieństwo, Вероятность, 概率, Chance (%), Likelihood,
        Confidence
    pipeline: Pipeline, Funnel, Trichter
    lost_reason: Loss reason, Verlustgrund, Raison de la perte, Motivo de pérdida, Lost because
"""
_ACTIVITY = """
    subject: Subject, Betreff, Objet, Asunto, Oggetto, Assunto, Temat, Тема, 主题, Topic, Activity
    at: Date, Datum, Activity date, Fecha, Data, Дата, 日期, Start, Start time, Begin, Timestamp,
        Time
    type: Type, Activity type, Typ, Tipo, Тип, 类型, Art
    contacts: Contact, Contact person, Attendees, With, Kontakt, Contacto, Contatto, Контакт,
        联系人, Associated contact
    company: Company, Organization, Firma, Entreprise, Empresa, Azienda, Компания, 公司
    duration: Duration, Dauer, Durée, Duración, Durata, Duração, Czas trwania, Длительность, 时长,
        Minutes
    outcome: Result, Call result, Ergebnis, Résultat, Resultado, Risultato, Wynik, Результат, 结果
    notes: Content, Body, Text, Comment, Message, Content (HTML), Note body, Full comments
"""
_TASK = """
    title: Task, Aufgabe, Todo, To-do, Tâche, Tarea, Attività, Tarefa, Zadanie, Задача, 任务,
        Betreff, Action item, Subject
    due: Due, Due date, Deadline, Fällig, Fällig am, Échéance, Date d'échéance, Vencimiento,
        Fecha de vencimiento, Scadenza, Vencimento, Termin, Срок, 截止日期, Due on, Until
    priority: Priorität, Priorité, Prioridad, Priorità, Prioridade, Priorytet, Приоритет, 优先级,
        Urgency
    contact: Contact name, Contact person, Related contact, Kontakt
    done: Completed, Completed at, Done at, Completed on, Erledigt am, Closed time, Date completed
"""
_OF = {
    "contact": (_PERSONAL, _CONTACT),
    "company": (_PERSONAL, _COMPANY),
    "deal": (_PERSONAL, _DEAL),
    "activity": (_PERSONAL, _ACTIVITY),
    "task": (_PERSONAL, _TASK),
}


@cache
def synonyms(noun: str) -> dict[str, str]:
    """Squashed name -> target, for a record type."""
    found: dict[str, str] = {}
    for text in _OF[noun]:
        for target, words in _entries(text):
            found.update((squash(word), target) for word in words.split(","))
    found.pop("", None)
    return found


def _entries(text: str) -> list[tuple[str, str]]:
    """The lines of a table, those that go on joined to the one before."""
    found: list[tuple[str, str]] = []
    for line in text.strip().splitlines():
        target, colon, words = line.strip().partition(": ")
        if colon:
            found.append((target, words))
        else:
            found[-1] = (found[-1][0], f"{found[-1][1]} {line.strip()}")
    return found
