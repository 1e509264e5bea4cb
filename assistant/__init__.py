"""offer-assistant: notices lapsed offers in the owner's mailbox and drafts the withdrawal. It never sends.

The flow, and where each step lives:

    mailbox/      the owner's folders on the IMAP server        → bytes
    messages      bytes                                         → Message (own words apart from quoted ones)
    documents/    PDF, DOCX, ODT                                → text
    threads       Messages                                      → Threads
    replies       a Message                                     → its Kind, with the sentence that shows it
    validity      text                                          → the last day of validity, with its sentence
    matters       Threads + the register                        → Offers, each with its conversation
    timeline      an Offer and its Messages                     → what happened when, by whom
    verdict       Offer + Timeline + Policy + now               → Verdict, with its reasons
    drafts        Verdict                                       → Draft, through a Jinja template
    mailbox/      Draft                                         → the Drafts folder, exactly once

Files at this level are pure (values in, values out). Folders talk to the world. `service/cycle.py` is the table of
contents: it walks the whole flow once.
"""

__version__ = "0.1.0"
