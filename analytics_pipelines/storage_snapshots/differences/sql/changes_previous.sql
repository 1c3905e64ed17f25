SELECT * FROM {earlier} WHERE {wanted}
