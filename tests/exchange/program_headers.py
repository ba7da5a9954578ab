"""The headers of files as the usual programs write them, one text for each kind of file."""

from __future__ import annotations

LINKEDIN = "First Name,Last Name,URL,Email Address,Company,Position,Connected On"
LINKEDIN_OLD = "First Name,Last Name,Email Address,Company,Position,Connected On"
GOOGLE = """\
First Name,Middle Name,Last Name,Phonetic First Name,Phonetic Middle Name,\
Phonetic Last Name,Name Prefix,Name Suffix,Nickname,File As,Organization Name,\
Organization Title,Organization Department,Birthday,Notes,Photo,Labels,\
E-mail 1 - Label,E-mail 1 - Value,E-mail 2 - Label,E-mail 2 - Value,Phone 1 - Label,\
Phone 1 - Value,Phone 2 - Label,Phone 2 - Value,Phone 3 - Label,Phone 3 - Value,\
Address 1 - Label,Address 1 - Formatted,Address 1 - Street,Address 1 - City,\
Address 1 - PO Box,Address 1 - Region,Address 1 - Postal Code,Address 1 - Country,\
Address 1 - Extended Address,Relation 1 - Label,Relation 1 - Value,Relation 2 - Label,\
Relation 2 - Value,Relation 3 - Label,Relation 3 - Value,Website 1 - Label,\
Website 1 - Value,Website 2 - Label,Website 2 - Value,Event 1 - Label,Event 1 - Value,\
Event 2 - Label,Event 2 - Value,Custom Field 1 - Label,Custom Field 1 - Value\
"""
GOOGLE_TEMPLATE = """\
Name Prefix,First Name,Middle Name,Last Name,Name Suffix,Phonetic First Name,\
Phonetic Middle Name,Phonetic Last Name,Nickname,File As,E-mail 1 - Label,\
E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value,Address 1 - Label,\
Address 1 - Country,Address 1 - Street,Address 1 - Extended Address,Address 1 - City,\
Address 1 - Region,Address 1 - Postal Code,Address 1 - PO Box,Organization Name,\
Organization Title,Organization Department,Birthday,Event 1 - Label,Event 1 - Value,\
Relation 1 - Label,Relation 1 - Value,Website 1 - Label,Website 1 - Value,\
Custom Field 1 - Label,Custom Field 1 - Value,Notes,Labels\
"""
GOOGLE_OLD = """\
Name,Given Name,Additional Name,Family Name,Yomi Name,Given Name Yomi,\
Additional Name Yomi,Family Name Yomi,Name Prefix,Name Suffix,Initials,Nickname,\
Short Name,Maiden Name,Birthday,Gender,Location,Billing Information,\
Directory Server,Mileage,Occupation,Hobby,Sensitivity,Priority,Subject,Notes,\
Language,Photo,Group Membership,E-mail 1 - Type,E-mail 1 - Value,Phone 1 - Type,\
Phone 1 - Value,Address 1 - Type,Address 1 - Formatted,Address 1 - Street,\
Address 1 - City,Address 1 - PO Box,Address 1 - Region,Address 1 - Postal Code,\
Address 1 - Country,Address 1 - Extended Address,Organization 1 - Type,\
Organization 1 - Name,Organization 1 - Yomi Name,Organization 1 - Title,\
Organization 1 - Department,Organization 1 - Symbol,Organization 1 - Location,\
Organization 1 - Job Description\
"""
OUTLOOK_WEB = """\
First Name,Middle Name,Last Name,Title,Suffix,Nickname,Given Yomi,Surname Yomi,\
E-mail Address,E-mail 2 Address,E-mail 3 Address,Home Phone,Home Phone 2,\
Business Phone,Business Phone 2,Mobile Phone,Car Phone,Other Phone,Primary Phone,\
Pager,Business Fax,Home Fax,Other Fax,Company Main Phone,Callback,Radio Phone,\
Telex,TTY/TDD Phone,IMAddress,Job Title,Department,Company,Office Location,\
Manager's Name,Assistant's Name,Assistant's Phone,Company Yomi,Business Street,\
Business City,Business State,Business Postal Code,Business Country/Region,Home Street,\
Home City,Home State,Home Postal Code,Home Country/Region,Other Street,Other City,\
Other State,Other Postal Code,Other Country/Region,Personal Web Page,Spouse,Schools,\
Hobby,Location,Web Page,Birthday,Anniversary,Notes\
"""
OUTLOOK_DESKTOP = """\
Title,First Name,Middle Name,Last Name,Suffix,Company,Department,Job Title,\
Business Street,Business Street 2,Business Street 3,Business City,Business State,\
Business Postal Code,Business Country/Region,Home Street,Home Street 2,Home Street 3,\
Home City,Home State,Home Postal Code,Home Country/Region,Other Street,\
Other Street 2,Other Street 3,Other City,Other State,Other Postal Code,\
Other Country/Region,Assistant's Phone,Business Fax,Business Phone,Business Phone 2,\
Callback,Car Phone,Company Main Phone,Home Fax,Home Phone,Home Phone 2,ISDN,\
Mobile Phone,Other Fax,Other Phone,Pager,Primary Phone,Radio Phone,TTY/TDD Phone,\
Telex,Account,Anniversary,Assistant's Name,Billing Information,Birthday,\
Business Address PO Box,Categories,Children,Directory Server,E-mail Address,\
E-mail Type,E-mail Display Name,E-mail 2 Address,E-mail 2 Type,E-mail 2 Display Name,\
E-mail 3 Address,E-mail 3 Type,E-mail 3 Display Name,Gender,Government ID Number,\
Hobby,Home Address PO Box,Initials,Internet Free Busy,Keywords,Language,Location,\
Manager's Name,Mileage,Notes,Office Location,Organizational ID Number,\
Other Address PO Box,Priority,Private,Profession,Referred By,Sensitivity,Spouse,\
User 1,User 2,User 3,User 4,Web Page\
"""
HUBSPOT_CONTACTS = """\
Record ID,First Name,Last Name,Email,Phone Number,Contact owner,\
Primary Associated Company ID,Last Activity Date,Lead Status,Marketing contact status,\
Create Date,Associated Company\
"""
HUBSPOT_COMPANIES = """\
Record ID,Company name,Company owner,Create Date,Phone Number,Last Activity Date,\
City,Country/Region,Industry\
"""
HUBSPOT_DEALS = """\
Record ID,Deal Name,Last Activity Date,State,Deal Stage,Close Date,Deal owner,\
Amount,Date of last meeting booked in meetings tool,Pipeline,Associated Product,\
Products,LMS,Associated Product IDs\
"""
HUBSPOT_ALL = """\
Record ID,First Name,Last Name,Annual Revenue,Became a Customer Date,\
Became a Lead Date,Buying Role,City,Close Date,Company Name,Company size,\
Contact owner,Country/Region,Create Date,Date of birth,Email,Email Domain,\
Fax Number,First Deal Created Date,Gender,HubSpot Score,HubSpot Team,Industry,\
Job Title,Last Activity Date,Last Contacted,Last Modified Date,Latest Source,\
Lead Status,Legal basis for processing contact's data,Lifecycle Stage,\
Likelihood to close,Message,Mobile Phone Number,Next Activity Date,\
Number of Associated Deals,Original Source,Original Source Drill-Down 1,\
Original Source Drill-Down 2,Owner Assigned Date,Persona,Phone Number,Postal Code,\
Preferred language,Recent Deal Amount,Recent Deal Close Date,Salutation,Seniority,\
State/Region,Street Address,Time Zone,Total Revenue,Twitter Username,\
Unsubscribed from all email,Website URL,WhatsApp Phone Number,Work email,\
Associated Company,Associated Deal,Associated Ticket,Associated Payment,\
Associated Subscription,Associated Company IDs,Associated Deal IDs,\
Associated Ticket IDs,Associated Payment IDs,Associated Subscription IDs\
"""
HUBSPOT_NOTES = """\
Record ID,Note body,Associated Contact,Associated Company,Activity date,\
Associated Contact IDs,Associated Company IDs\
"""
SALESFORCE_CONTACTS = """\
Salutation,First Name,Last Name,Title,Mailing Street,Mailing City,\
Mailing State/Province,Mailing Zip/Postal Code,Mailing Country,Phone,Email,\
Contact Record Type,Account Name,Account Owner,Lead Source\
"""
SALESFORCE_CONTACTS_2 = """\
Salutation,First Name,Last Name,Title,Mailing Street,Mailing City,\
Mailing State/Province,Mailing Zip/Postal Code,Mailing Country,Phone,Mobile,Fax,\
Email,Account Owner,Account Name\
"""
SALESFORCE_LEADS = """\
Lead Owner,First Name,Last Name,Title,Company / Account,Lead Source,Rating,Street,\
Email\
"""
SALESFORCE_OPPORTUNITIES = """\
Opportunity Owner,Account Name,Opportunity Name,Stage,Fiscal Period,Amount,\
Probability (%),Age,Close Date,Created Date,Next Step,Lead Source,Type\
"""
SALESFORCE_OPPORTUNITIES_2 = """\
Territory Region,Opportunity Owner,Account Name,Opportunity Name,Stage,\
Forecast Category,Total Amount Currency,Total Amount,Fiscal Period,Close Date,\
Opportunity Next Steps,Type\
"""
SALESFORCE_ACTIVITIES = """\
Assigned,Call Result,Activity Type,Subject,Date,Status,Company / Account,Contact,\
Opportunity,Priority,Full Comments\
"""
SALESFORCE_LEAD = """\
Id,IsDeleted,MasterRecordId,LastName,FirstName,Salutation,Name,Title,Company,\
Street,City,State,PostalCode,Country,Latitude,Longitude,Address,Phone,\
MobilePhone,Fax,Email,Website,PhotoUrl,Description,LeadSource,Status,Industry,\
Rating,AnnualRevenue,NumberOfEmployees,OwnerId,IsConverted,ConvertedDate,\
ConvertedAccountId,ConvertedContactId,ConvertedOpportunityId,IsUnreadByOwner,\
CreatedDate,CreatedById,LastModifiedDate,LastModifiedById,SystemModstamp,\
LastActivityDate,LastViewedDate,LastReferencedDate,Jigsaw,JigsawContactId,\
CleanStatus,CompanyDunsNumber,DandbCompanyId,EmailBouncedReason,EmailBouncedDate\
"""
SALESFORCE_CONTACT = """\
Id,IsDeleted,MasterRecordId,AccountId,LastName,FirstName,Salutation,Name,\
RecordTypeId,OtherStreet,OtherCity,OtherState,OtherPostalCode,OtherCountry,\
OtherLatitude,OtherLongitude,OtherGeocodeAccuracy,MailingStreet,MailingCity,\
MailingState,MailingPostalCode,MailingCountry,MailingLatitude,MailingLongitude,\
MailingGeocodeAccuracy,Phone,Fax,MobilePhone,HomePhone,OtherPhone,AssistantPhone,\
ReportsToId,Email,Title,Department,AssistantName,LeadSource,Birthdate,Description,\
OwnerId,HasOptedOutOfEmail,HasOptedOutOfFax,DoNotCall,CreatedDate,CreatedById,\
LastModifiedDate,LastModifiedById,SystemModstamp,LastActivityDate,LastCURequestDate,\
LastCUUpdateDate,EmailBouncedReason,EmailBouncedDate,Jigsaw,JigsawContactId\
"""
SALESFORCE_OPPORTUNITY = """\
Id,IsDeleted,AccountId,IsPrivate,Name,Description,StageName,Amount,Probability,\
ExpectedRevenue,TotalOpportunityQuantity,CloseDate,Type,NextStep,LeadSource,\
IsClosed,IsWon,ForecastCategory,ForecastCategoryName,CampaignId,\
HasOpportunityLineItem,Pricebook2Id,OwnerId,CreatedDate,CreatedById,LastModifiedDate,\
LastModifiedById,SystemModstamp,LastActivityDate,FiscalQuarter,FiscalYear,Fiscal,\
LastViewedDate,LastReferencedDate\
"""
SALESFORCE_ACCOUNT = """\
Id,IsDeleted,MasterRecordId,Name,Type,ParentId,BillingStreet,BillingCity,\
BillingState,BillingPostalCode,BillingCountry,ShippingStreet,Phone,Fax,\
AccountNumber,Website,PhotoUrl,Sic,Industry,AnnualRevenue,NumberOfEmployees,\
Ownership,TickerSymbol,Description,Rating,Site,OwnerId,CreatedDate\
"""
PIPEDRIVE_DEALS = """\
Deal - ID,Deal - Title,Deal - Creator,Deal - Owner,Deal - Value,\
Deal - Currency of Value,Deal - Weighted value,Deal - Currency of Weighted value,\
Deal - Probability,Deal - Organization,Deal - Organization ID,Deal - Pipeline,\
Deal - Contact person,Deal - Contact person ID,Deal - Stage,Deal - Label,\
Deal - Status,Deal - Deal created,Deal - Update time,Deal - Last stage change,\
Deal - Next activity date,Deal - Last activity date,Deal - Won time,\
Deal - Last email received,Deal - Last email sent,Deal - Lost time,\
Deal - Deal closed on,Deal - Lost reason,Deal - Visible to,Deal - Total activities,\
Deal - Done activities,Deal - Activities to do,Deal - Email messages count,\
Deal - Expected close date,Deal - Product quantity,Deal - Product amount,\
Deal - Product name,Deal - Source origin,Deal - Source origin ID,Deal - Source channel,\
Deal - Source channel ID,Deal - Archive status,Deal - Archive time,\
Deal - Sequence enrollment\
"""
PIPEDRIVE_PEOPLE = """\
Person - ID,Person - Name,Person - First name,Person - Last name,\
Person - Organization,Person - Owner,Person - Label,Person - Email - Work,\
Person - Email - Home,Person - Email - Other,Person - Phone - Work,\
Person - Phone - Home,Person - Phone - Mobile,Person - Phone - Other,\
Person - Job title,Person - Notes,Person - Marketing status,Person - Double opt-in,\
Person - Open deals,Person - Closed deals,Person - Won deals,Person - Lost deals,\
Person - Next activity date,Person - Last activity date,Person - Email messages count,\
Person - Last email sent,Person - Last email received,Person - Person created\
"""
PIPEDRIVE_ORGANIZATIONS = """\
Organization - ID,Organization - Name,Organization - Owner,Organization - Address,\
Organization - Full/combined address of Address,\
Organization - ZIP/Postal code of Address,Organization - Region of Address,\
Organization - Website,Organization - Phone,Organization - Open deals,\
Organization - Won deals,Organization - Lost deals,Organization - Email messages count\
"""
PIPEDRIVE_ACTIVITIES = """\
ID,Subject,Type,Deal ID,Deal,Note,Due date,Due time,Done,Marked as done time,\
Assigned to user,Creator,Add time,Organization,Contact person\
"""
PIPEDRIVE_ACTIVITIES_2 = """\
Activity - Subject,Activity - Type,Activity - Due date,Activity - Due time,\
Activity - Done,Activity - Note,Activity - Assigned to user,Deal - Title,\
Person - Name,Person - Email,Organization - Name\
"""
PIPEDRIVE_NOTES = """\
ID,Content (HTML),Deal ID,Deal title,User,Add time,Update time,\
Note is pinned to deal,Organization,Contact person\
"""
PIPEDRIVE_SAMPLE = """\
Person - Name*,Person - First name,Person - Last name,Person - Phone,\
Person - Email (Work),Person - Email (Home),Organization - Name*,\
Organization - Address,Deal - Title,Deal - Value,Activity - Subject*,\
Activity - Due date,Note - Content*\
"""
THUNDERBIRD = """\
First Name,Last Name,Display Name,Nickname,Email,Secondary Email,Screen Name,\
Work Phone,Home Phone,Fax Number,Pager Number,Mobile Number,Home Address,\
Home Address 2,Home City,Home County,Home Post Code,Home Country,Work Address,\
Work Address 2,Work City,Work County,Work Post Code,Work Country,Job Title,\
Department,Organisation,Web Page 1,Web Page 2,Birth Year,Birth Month,Birth Day,\
Custom 1,Custom 2,Custom 3,Custom 4,Notes\
"""
ATOMIC = """\
first_name,last_name,gender,title,background,first_seen,last_seen,has_newsletter,\
status,tags,linkedin_url,company,email_work,email_home,email_other,phone_work,\
phone_home,phone_other\
"""
CRM_CLI = "name,email,phone,company,tags"
CRM_TERM = "Account Name,Address,Phone,DM,Email,Note,Creator,Created At"
ZOHO_CONTACTS = """\
Record Id,Contact Owner.id,Contact Owner,Lead Source,First Name,Last Name,\
Account Name.id,Account Name,Email,Title,Phone,Mobile,Email Opt Out,Mailing Street,\
Mailing City,Mailing Zip,Mailing Country,Tag,Description\
"""
ZOHO_DEALS = """\
Record Id,Deal Owner,Amount,Deal Name,Closing Date,Account Name,Stage,Contact Name,\
Lead Source\
"""
