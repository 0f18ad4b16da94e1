"""The page that a student gets back: points, what each check said, what was mended, what a person wrote."""
