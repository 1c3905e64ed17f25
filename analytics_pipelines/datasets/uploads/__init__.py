"""Uploads: a stranger's CSV read with suspicion, typed with evidence, kept as one Parquet.

Here: what is refused and why, unpacking, encodings, delimiters, rows and rejected rows, kinds of columns, the Parquet,
the profile of a dataset. Not here: receiving the file (`http_kit`), the process it is read in
(`foundation.workers`), where it is kept and for how long (`datasets.kept`).

    data = uploaded_data(read_upload("staging/1", "staging/1.parquet", "sales.csv", UploadLimits.of(10_485_760)))
"""
