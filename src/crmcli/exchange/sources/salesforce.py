"""Salesforce: objects by their API names (Data Export, Data Loader), and reports."""

from __future__ import annotations

from crmcli.exchange.sources.base import Header, System, declared, names

_CONTACTS = """
    Id = id
    Contact ID = id
    Lead ID = id
    IsDeleted = deleted
    Salutation = prefix
    FirstName = first_name
    MiddleName = middle_name
    LastName = last_name
    Suffix = suffix
    Name = name
    Title = title
    Department = department
    AccountId = company id
    Account ID = company id
    Account Name = company
    Company = company
    Company / Account = company
    Street = street
    City = city
    State = region
    PostalCode = postcode
    Country = country
    MailingStreet = street
    MailingCity = city
    MailingState = region
    MailingPostalCode = postcode
    MailingCountry = country
    Mailing Address Line1 = street
    Mailing Address Line2 = street
    Mailing Address Line3 = street
    Mailing State/Province = region
    Mailing Zip/Postal Code = postcode
    Zip/Postal Code = postcode
    State/Province = region
    OtherStreet = street.other
    OtherCity = city.other
    OtherState = region.other
    OtherPostalCode = postcode.other
    OtherCountry = country.other
    Other State/Province = region.other
    Other Zip/Postal Code = postcode.other
    Phone = phone
    MobilePhone = phone.mobile
    Mobile = phone.mobile
    HomePhone = phone.home
    OtherPhone = phone.other
    Fax = phone.fax
    AssistantPhone = -
    Asst. Phone = -
    Email = email
    Website = url
    Birthdate = birthday
    Description = notes
    LeadSource = source
    Status = status
    Lead Status = status
    OwnerId = owner id
    Contact Owner = owner
    Lead Owner = owner
    Account Owner = owner
    HasOptedOutOfEmail = opt_out
    Email Opt Out = opt_out
    DoNotCall = opt_out
    Do Not Call = opt_out
    CreatedDate = created
    Industry = -
    AnnualRevenue = -
    NumberOfEmployees = -
    Rating = -
    Latitude = -
    Longitude = -
    Address = -
    Contact Record Type = -
    PhotoUrl = -
"""
_ACCOUNTS = """
    Id = id
    Account ID = id
    IsDeleted = deleted
    Name = name
    Account Name = name
    ParentId = parent id
    Parent Account = parent
    BillingStreet = street.billing
    BillingCity = city.billing
    BillingState = region.billing
    BillingPostalCode = postcode.billing
    BillingCountry = country.billing
    Billing State/Province = region.billing
    Billing Zip/Postal Code = postcode.billing
    ShippingStreet = street.shipping
    ShippingCity = city.shipping
    ShippingState = region.shipping
    ShippingPostalCode = postcode.shipping
    ShippingCountry = country.shipping
    Shipping State/Province = region.shipping
    Shipping Zip/Postal Code = postcode.shipping
    Phone = phone
    Fax = phone.fax
    Website = url
    Industry = industry
    AnnualRevenue = revenue
    NumberOfEmployees = size
    Employees = size
    YearStarted = founded
    Description = notes
    OwnerId = owner id
    Account Owner = owner
    AccountSource = source
    CreatedDate = created
    Type = -
    Rating = -
    Site = -
    SIC Code = -
    Ticker Symbol = -
"""
_OPPORTUNITIES = """
    Id = id
    Opportunity ID = id
    IsDeleted = deleted
    AccountId = company id
    Account ID = company id
    Account Name = company
    ContactId = contact id
    Primary Contact = contact
    Name = title
    Opportunity Name = title
    Description = notes
    StageName = stage
    Stage = stage
    Amount = value
    Total Amount = value
    CurrencyIsoCode = currency
    Amount Currency = currency
    Total Amount Currency = currency
    Probability = probability
    Probability (%) = probability
    CloseDate = expected_close
    Close Date = expected_close
    LeadSource = source
    Lead Source = source
    OwnerId = owner id
    Opportunity Owner = owner
    CreatedDate = created
    Created Date = created
    Loss Reason = lost_reason
    Type = -
    NextStep = -
    Next Step = -
    ExpectedRevenue = -
    Fiscal = -
"""
_ACTIVITIES = """
    Id = id
    Activity ID = id
    IsDeleted = deleted
    Subject = subject
    Activity Type = type
    TaskSubtype = type
    Type = type
    ActivityDate = at
    Date = at
    Due Date = at
    Status = done
    IsClosed = done
    Call Result = outcome
    CallDisposition = outcome
    Contact = contacts
    Name = contacts
    WhoId = contacts id
    Company / Account = company
    AccountId = company id
    Opportunity = deal
    WhatId = deal id
    Assigned = owner
    Assigned To = owner
    OwnerId = owner id
    Full Comments = notes
    Comments = notes
    Description = notes
    CreatedDate = created
    Priority = -
"""


def _noun(header: Header) -> str:
    plain = names(header)
    api = {name.lower() for name in header}  # in one word; `Id` and `Last Name` are others'
    if "id" in api and api & {"isdeleted", "ownerid", "lastname", "stagename"}:
        return _object(plain)
    if "subject" in plain and plain & {"fullcomments", "callresult"}:
        return "activity"
    if "opportunityname" in plain and plain & {"accountname", "opportunityowner"}:
        return "deal"
    if "accountname" in plain and plain & {"billingstateprovince", "billingzippostalcode"}:
        return "contact" if "lastname" in plain else "company"
    person = plain & {"companyaccount", "mailingstateprovince", "mailingaddressline1"}
    return "contact" if person and plain & {"lastname", "email"} else ""


def _object(plain: frozenset[str]) -> str:
    """The record type of a file with API names."""
    if "stagename" in plain:
        return "deal"
    if {"subject", "whoid"} <= plain or {"subject", "activitydate"} <= plain:
        return "activity"
    if "lastname" in plain or "isconverted" in plain:
        return "contact"
    return "company" if "name" in plain else ""


SALESFORCE = System(
    "salesforce",
    "Salesforce",
    _noun,
    {
        "contact": declared(_CONTACTS),
        "company": declared(_ACCOUNTS),
        "deal": declared(_OPPORTUNITIES),
        "activity": declared(_ACTIVITIES),
    },
    several=";",
)
