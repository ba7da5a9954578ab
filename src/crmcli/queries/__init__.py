"""Questions to the database: text to SQL, lists, references, search, screens and reports."""
