# other
