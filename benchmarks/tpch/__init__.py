"""TPC-H, for benchmarks and tests: its tables as tables of the lake, its rows by `tpchgen-cli`, its 22 questions.

The questions stand in `queries/`, with the values that the specification (revision 3, 2.4) uses for validation.

    made = generated(folder, scale=0.1)
    publish(lake, made)
"""
