"""Does a certificate speak of these votes, of this data set, and of models that were trained?"""
