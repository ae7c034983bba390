if (chosen() !== 'en') speak(chosen());
