"""Which records may be the same: candidates, comparisons, weights, clusters.

Nothing here knows the database: records come as columns of plain values (`tables.Table`).
`finding.find` is the way in.
"""
