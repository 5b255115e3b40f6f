"""From photos and a listing to claims about a venue, each with the photo that shows it; and answers to questions."""
